"""CSV dialect of a file: delimiter, form of dates and numbers, character encoding."""

import codecs
import re
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import InvalidFormat, enumerated


class CsvDelimiter(DescribedEnum):
    """Character between the cells of a CSV file."""

    COMMA = "COMMA", "Comma."
    SEMICOLON = "SEMICOLON", "Semicolon, which spreadsheets write where the comma is decimal."
    TAB = "TAB", "Tab."
    PIPE = "PIPE", "Vertical bar."

    @property
    def character(self) -> str:
        """The delimiter itself."""
        return DELIMITERS[self]


class CsvDateFormat(DescribedEnum):
    """Order of year, month and day in the dates of a CSV file."""

    YMD = "YMD", "Year, month, day: 2026-03-01 or 2026/3/1."
    DMY = "DMY", "Day, month, year: 01.03.2026 or 1/3/2026; 2026-03-01 is read too."
    MDY = "MDY", "Month, day, year: 3/1/2026 or 03-01-2026; 2026-03-01 is read too."


class CsvDecimalMark(DescribedEnum):
    """Decimal mark of the numbers in a CSV file, whose thousands may be grouped."""

    POINT = "POINT", "Point, as in 1,234.5."
    COMMA = "COMMA", "Comma, as in 1.234,5."


DELIMITERS = {
    CsvDelimiter.COMMA: ",",
    CsvDelimiter.SEMICOLON: ";",
    CsvDelimiter.TAB: "\t",
    CsvDelimiter.PIPE: "|",
}
PORTION = 64 * 1024  # bytes or characters that are decoded or read at once
ENCODINGS = ("utf-8", "windows-1252", "iso-8859-1", "iso-8859-15", "utf-16")
_BY_CODEC = {codecs.lookup(name).name: name for name in ENCODINGS}
_BY_CODEC |= {"ascii": "utf-8", "utf-8-sig": "utf-8"}
_BY_CODEC |= dict.fromkeys(("utf-16-le", "utf-16-be"), "utf-16")
# A byte order mark takes precedence over any declaration (WHATWG Encoding, 6.1).
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
# First bytes of files that are taken for CSV by mistake.
_OTHERS = {
    b"PK\x03\x04": "an Excel workbook (.xlsx) or another ZIP archive",
    b"\xd0\xcf\x11\xe0": "an Excel workbook (.xls)",
    b"\x1f\x8b": "compressed (gzip)",
    b"%PDF-": "a PDF",
    b"\xff\xfe\x00\x00": "in UTF-32",
    b"\x00\x00\xfe\xff": "in UTF-32",
}
_HEAD = 512  # bytes that tell UTF-16 without a byte order mark
_YEAR, _MONTH, _DAY = r"(?P<year>\d{4})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
_SEPARATOR, _REPEATED = r"(?P<separator>[-./])", r"(?P=separator)"
_ORDERS = {
    CsvDateFormat.YMD: (_YEAR, _MONTH, _DAY),
    CsvDateFormat.DMY: (_DAY, _MONTH, _YEAR),
    CsvDateFormat.MDY: (_MONTH, _DAY, _YEAR),
}
_MIDNIGHT = r"(?:[ T]00?:00(?::00)?)?"  # as spreadsheets write dates of cells with a time
_DATES = {
    order: re.compile(f"{a}{_SEPARATOR}{b}{_REPEATED}{c}{_MIDNIGHT}", re.ASCII)
    for order, (a, b, c) in _ORDERS.items()
}
_GROUPED = (
    r"(?P<sign>[+-]?)(?P<whole>\d{{1,3}}(?:(?P<group>[{groups}])\d{{3}}(?:(?P=group)\d{{3}})*)|\d+)"
    r"(?:{mark}(?P<fraction>\d+))?"
)
_NUMBERS = {
    CsvDecimalMark.POINT: re.compile(_GROUPED.format(groups=", '\u00a0\u202f", mark=r"\."), re.A),
    CsvDecimalMark.COMMA: re.compile(_GROUPED.format(groups=". '\u00a0\u202f", mark=","), re.A),
}


@dataclass(frozen=True)
class CsvDialect:
    """Declared form of a file.

    Attributes:
        delimiter: between the cells; None to detect it in the header or a line `sep=`.
        date_format: order of the parts of a date.
        decimal: decimal mark; None for numbers with a decimal point and without groups.
    """

    delimiter: CsvDelimiter | None = None
    date_format: CsvDateFormat = CsvDateFormat.YMD
    decimal: CsvDecimalMark | None = None

    def iso_date(self, text: str) -> str | None:
        """Return a date as YYYY-MM-DD; None where the text has not the declared form."""
        for order in dict.fromkeys((self.date_format, CsvDateFormat.YMD)):
            if match := _DATES[order].fullmatch(text):
                return f"{match['year']}-{match['month']:0>2}-{match['day']:0>2}"
        return None

    def plain_number(self, text: str) -> str | None:
        """Return a number as digits with a point; None where the text has not the declared form."""
        if self.decimal is None:
            return text
        match = _NUMBERS[self.decimal].fullmatch(text)
        if match is None:
            return None
        whole = re.sub("[^0-9]", "", match["whole"])
        fraction = "" if match["fraction"] is None else f".{match['fraction']}"
        return f"{match['sign'].removeprefix('+')}{whole}{fraction}"


async def decoded(content: AsyncIterable[bytes], encoding: str | None = None) -> AsyncIterator[str]:
    """Yield the text of a file in portions, as its bytes arrive.

    Args:
        content: its bytes, in parts of any length.
        encoding: one of ENCODINGS, by any of its names; None for UTF-8. A byte order mark goes
            before it.

    Raises:
        InvalidFormat: the encoding is none of these, or the bytes are not in it.
    """
    codec, decoder, position, line = _codec(encoding), None, 0, 1
    async for portion in _portions(content):
        data = portion
        if decoder is None:
            _require_text(codec, portion[:_HEAD])
            codec, mark = _marked(codec, portion)
            decoder, data = codecs.getincrementaldecoder(codec)(), portion[len(mark) :]
        try:
            text = decoder.decode(data, final=len(portion) < PORTION)
        except UnicodeDecodeError as error:
            start = len(portion) - len(error.object) + error.start  # negative: a portion before
            line += error.object.count(b"\n", 0, error.start)
            raise _undecodable(codec, position + start, line) from None
        position += len(portion)
        line += text.count("\n")
        yield text


async def whole(text: str) -> AsyncIterator[str]:
    """Yield a text in portions."""
    for start in range(0, len(text), PORTION):
        yield text[start : start + PORTION]


async def _portions(content: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """Yield bytes in portions of one length; the last is shorter, or empty."""
    rest = bytearray()
    async for part in content:
        rest += part
        while len(rest) >= PORTION:
            yield bytes(rest[:PORTION])
            del rest[:PORTION]
    yield bytes(rest)


def _codec(encoding: str | None) -> str:
    """Return an encoding by any of its names, such as cp1252 or latin1."""
    name = (encoding or ENCODINGS[0])[:40]
    try:
        return _BY_CODEC[codecs.lookup(name).name]
    except (LookupError, ValueError):
        message = f"The encoding `{name}` is not read. Choose one of {', '.join(ENCODINGS)}."
        raise InvalidFormat(message, "encoding", constraint=enumerated(ENCODINGS)) from None


def _marked(declared: str, head: bytes) -> tuple[str, bytes]:
    """Return the codec of a file and its byte order mark, by its first bytes."""
    for mark, codec in _MARKS.items():
        if head.startswith(mark):
            return codec, mark
    if declared != "utf-16":
        return declared, b""
    return ("utf-16-be" if head.startswith(b"\0") else "utf-16-le"), b""


def _require_text(declared: str, head: bytes) -> None:
    """Refuse a file that is no CSV, or in UTF-16 without telling so.

    Raises:
        InvalidFormat: its first bytes say so.
    """
    noun = next((noun for start, noun in _OTHERS.items() if head.startswith(start)), None)
    remedy = "Save it as CSV in UTF-8."
    if noun is None and declared != "utf-16" and not head.startswith((*_MARKS,)):
        noun = "in UTF-16" if head.count(0) > len(head) / 4 else None
        remedy = "Declare its `encoding`, utf-16, or save it in UTF-8."
    if noun is not None:
        message = f"The file is {noun}. {remedy}"
        raise InvalidFormat(message, "encoding", constraint=enumerated(ENCODINGS))


def _undecodable(codec: str, position: int, line: int) -> InvalidFormat:
    encoding = "utf-16" if codec.startswith("utf-16") else codec
    remedy = (
        "Save it as CSV in UTF-8, or declare its `encoding`, such as windows-1252."
        if encoding == ENCODINGS[0]
        else "Declare the `encoding` in which it was saved."
    )
    message = f"The file is not in {encoding}: byte {position + 1:,}, in line {line:,}, fits no"
    return InvalidFormat(
        f"{message} letter. {remedy}", "encoding", constraint=enumerated(ENCODINGS)
    )
