"""CSV cells (RFC 4180), escaped so that no spreadsheet reads a text, or a part of it, as a formula.

Programs split a line at different characters, whatever it was written with. So a part of a text
that begins like a formula is written behind an apostrophe, after each character that may separate
cells or rows as well as at the beginning. A part that begins with apostrophes before such a
beginning gets another one, so that every text is read back as it was.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from qgp.kit.csv_dialect import CsvDelimiter
from qgp.kit.decimals import plain

END = "\r\n"
BETWEEN = "; "  # values of a list in one cell
# Characters at which some program begins another cell or row.
_SEPARATORS = ',;|\t\r\n"\x0b\x0c\x85\u2028\u2029'
_BLANKS = "' \u00a0\u2000-\u200b\u202f\u205f\u3000\ufeff"
# The characters that OWASP lists under CSV injection, also in full width and small.
_FORMULA = "=+\\-@＝＋－＠﹦﹢﹣﹫"
_BEGINNING = f"(?=[{_BLANKS}]*[{_FORMULA}])"
_PART = f"(?:^|(?<=[{_SEPARATORS}]))"
_UNGUARDED = re.compile(f"^(?='*[\t\r\n])|{_PART}{_BEGINNING}")
_GUARDED = re.compile(f"^'(?='*[\t\r\n])|{_PART}'{_BEGINNING}")
_TO_QUOTE = re.compile('[",;|\t\r\n]|^ | $')


def escaped(text: str) -> str:
    """Return a text as a cell of which no spreadsheet reads any part as a formula."""
    return _UNGUARDED.sub("'", text)


def unescaped(cell: str) -> str:
    """Return the text of a cell, without the apostrophes that `escaped` added."""
    return _GUARDED.sub("", cell) if "'" in cell else cell


def written(value: Any) -> str:
    """Return a database value as a cell; only texts and lists are escaped."""
    text = printed(value)
    return escaped(text) if isinstance(value, str | list) else text


def printed(value: Any) -> str:  # noqa: PLR0911 - one kind a line
    """Return a database value as a text; instants in UTC, always with microseconds."""
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, list):
        return joined([printed(one) for one in value])
    return str(value)


def joined(texts: Sequence[str]) -> str:
    """Return the values of a list as one text."""
    return BETWEEN.join(texts)


def line(cells: Iterable[str], delimiter: CsvDelimiter = CsvDelimiter.COMMA) -> str:
    """Return the line of a row."""
    text = delimiter.character.join(
        [_quoted(cell) if _TO_QUOTE.search(cell) else cell for cell in cells]
    )
    return (text or '""') + END  # a row of one empty cell is no empty line


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
