"""CSV cells (RFC 4180), escaped so that no spreadsheet reads a text as a formula.

A text that begins like a formula is written behind an apostrophe; so is one that begins with
apostrophes before such a beginning, so that every text is read back as it was.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any

from qgp.kit import clock

END = "\r\n"
BETWEEN = "; "  # values of a list in one cell
# The characters that OWASP lists under CSV injection, also in full width.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
# Semicolon and tab are separators in some languages of spreadsheets.
_TO_QUOTE = re.compile('[",;\t\r\n]|^ | $')


def escaped(text: str) -> str:
    """Return a text as a cell that no spreadsheet reads as a formula."""
    return "'" + text if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """Return the text of a cell, without the apostrophe that `escaped` added."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def written(value: Any) -> str:  # noqa: PLR0911 - one kind a line
    """Return a database value as a cell; only texts are escaped."""
    if value is None:
        return ""
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return clock.print_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return escaped(BETWEEN.join(written(one) for one in value))
    return str(value)


def line(cells: Iterable[str]) -> str:
    """Return the line of a row."""
    text = ",".join([_quoted(cell) if _TO_QUOTE.search(cell) else cell for cell in cells])
    return (text or '""') + END  # a row of one empty cell is no empty line


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'
