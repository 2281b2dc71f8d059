"""Declared forms of a CSV file: dates, numbers and encodings."""

import pytest

from qgp.kit.csv_dialect import CsvDateFormat, CsvDecimalMark, CsvDialect, decode
from qgp.kit.errors import InvalidFormat

DMY = CsvDialect(date_format=CsvDateFormat.DMY, decimal=CsvDecimalMark.COMMA)
MDY = CsvDialect(date_format=CsvDateFormat.MDY, decimal=CsvDecimalMark.POINT)
PLAIN = CsvDialect()


@pytest.mark.parametrize(
    ("dialect", "text", "iso"),
    [
        (DMY, "1.3.2026", "2026-03-01"),
        (DMY, "01/03/2026", "2026-03-01"),
        (DMY, "01.03.2026 00:00:00", "2026-03-01"),
        (DMY, "2026-03-01", "2026-03-01"),
        (MDY, "3/1/2026", "2026-03-01"),
        (PLAIN, "2026/3/1", "2026-03-01"),
        (PLAIN, "1.3.2026", None),
        (DMY, "1.3.26", None),
        (DMY, "1.3/2026", None),
        (DMY, "１.3.2026", None),
        (DMY, "01.03.2026 09:30", None),
    ],
)
def test_a_date_is_read_in_its_declared_order_or_as_iso(
    dialect: CsvDialect, text: str, iso: str | None
) -> None:
    assert dialect.iso_date(text) == iso


@pytest.mark.parametrize(
    ("dialect", "text", "number"),
    [
        (DMY, "1.234,5", "1234.5"),
        (DMY, "-12,5", "-12.5"),
        (DMY, "+1 234 567", "1234567"),
        (DMY, "12.5", None),
        (DMY, "1.23", None),
        (DMY, "１,5", None),
        (MDY, "1,234.5", "1234.5"),
        (MDY, "1,23", None),
        (MDY, "1,234'567", None),
        (PLAIN, "1,5", "1,5"),
    ],
)
def test_a_number_is_read_with_its_declared_mark(
    dialect: CsvDialect, text: str, number: str | None
) -> None:
    assert dialect.plain_number(text) == number


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Prüfung –".encode("cp1252"), "Windows-1252"),
        ("Prüfung –".encode(), None),
        ("\ufeffPrüfung –".encode(), "windows-1252"),
        ("Prüfung –".encode("utf-16"), None),
    ],
)
def test_a_text_is_read_by_its_mark_or_in_its_declared_encoding(
    content: bytes, encoding: str | None
) -> None:
    assert decode(content, encoding) == "Prüfung –"


@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"a\nPr\xfc", None, "not in utf-8: byte 5, in line 2, fits no letter. Save it as CSV in"),
        (b"a\x81", "windows-1252", "not in windows-1252: byte 2, in line 1"),
        (b"a", "koi8-r", "The encoding `koi8-r` is not read. Choose one of utf-8, windows-1252"),
    ],
)
def test_bytes_of_another_encoding_are_refused_with_their_position(
    content: bytes, encoding: str | None, message: str
) -> None:
    with pytest.raises(InvalidFormat, match=message):
        decode(content, encoding)
