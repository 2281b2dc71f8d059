"""Declared forms of a CSV file: dates, numbers and encodings."""

from collections.abc import AsyncIterator

import pytest

from qgp.kit import csv_dialect
from qgp.kit.csv_dialect import CsvDateFormat, CsvDecimalMark, CsvDialect, decoded
from qgp.kit.errors import InvalidFormat

DMY = CsvDialect(date_format=CsvDateFormat.DMY, decimal=CsvDecimalMark.COMMA)
MDY = CsvDialect(date_format=CsvDateFormat.MDY, decimal=CsvDecimalMark.POINT)
PLAIN = CsvDialect()


async def text_of(content: bytes, encoding: str | None) -> str:
    async def parts() -> AsyncIterator[bytes]:
        for start in range(0, len(content), 2):
            yield content[start : start + 2]

    return "".join([text async for text in decoded(parts(), encoding)])


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


@pytest.mark.parametrize("portion", [5, 64 * 1024])
@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Prüfung – 🏃".encode(), None),
        ("\ufeffPrüfung – 🏃".encode(), "windows-1252"),
        ("Prüfung – 🏃".encode("utf-16"), None),
        ("\ufeffPrüfung – 🏃".encode("utf-16-be"), "utf-8"),
        ("Prüfung – 🏃".encode("utf-16-le"), "utf-16"),
        ("Prüfung – 🏃".encode("utf-16-be"), "UTF-16"),
    ],
)
async def test_a_text_is_read_by_its_mark_or_in_its_declared_encoding(
    monkeypatch: pytest.MonkeyPatch, content: bytes, encoding: str | None, portion: int
) -> None:
    """Letters of several bytes lie across portions."""
    monkeypatch.setattr(csv_dialect, "PORTION", portion)
    assert await text_of(content, encoding) == "Prüfung – 🏃"
    for name in ("Windows-1252", "cp1252", "windows_1252"):
        assert await text_of("Prüfung –".encode("cp1252"), name) == "Prüfung –"
    assert await text_of("Prüfung".encode("latin1"), "latin1") == "Prüfung"


@pytest.mark.parametrize("portion", [5, 64 * 1024])
@pytest.mark.parametrize(
    ("content", "encoding", "message"),
    [
        (b"a\nPr\xfc", None, "not in utf-8: byte 5, in line 2, fits no letter. Save it as CSV in"),
        (b"a\n\xe2\x82", None, "not in utf-8: byte 3, in line 2"),
        (b"\xef\xbb\xbfa\nPr\xfc\n", None, "not in utf-8: byte 8, in line 2"),
        (b"a\x81", "windows-1252", "not in windows-1252: byte 2, in line 1"),
        (b"\xff\xfea\0b", None, "not in utf-16: byte 5, in line 1"),
        (
            "a;b\n1;2".encode("utf-16-le"),
            None,
            "in UTF-16. Declare its `encoding`, utf-16, or save",
        ),
        ("a;b\n1;2".encode("utf-16-be"), "iso-8859-1", "in UTF-16. Declare its `encoding`"),
        ("\ufeffa;b".encode("utf-32-le"), None, "in UTF-32. Save it as CSV in UTF-8."),
        (b"PK\x03\x04", "windows-1252", "an Excel workbook .* or another ZIP archive. Save it as"),
        (b"a", "zlib", "The encoding `zlib` is not read."),
        (b"a", "a\0", "The encoding `a\0` is not read."),
        (b"a", "koi8-r", "The encoding `koi8-r` is not read. Choose one of utf-8, windows-1252"),
    ],
)
async def test_bytes_of_another_encoding_are_refused_with_their_position(
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    encoding: str | None,
    message: str,
    portion: int,
) -> None:
    monkeypatch.setattr(csv_dialect, "PORTION", portion)
    with pytest.raises(InvalidFormat, match=message):
        await text_of(content, encoding)
