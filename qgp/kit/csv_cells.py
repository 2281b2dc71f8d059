"""Cells of a CSV file (RFC 4180): no spreadsheet takes a text for a formula, and each comes back.

A text that begins as a formula does is written behind an apostrophe; so is one that begins with
apostrophes before such a beginning, since otherwise two texts would look the same in the file.
"""

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any

from qgp.kit import clock

END = "\r\n"
BETWEEN = "; "  # values of a list in one cell
# What OWASP lists under CSV injection, in their full width too.
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
# Semicolon and tab separate where a spreadsheet's language wants it so.
_TO_QUOTE = re.compile('[",;\t\r\n]|^ | $')


def escaped(text: str) -> str:
    """Return a text as a cell that is no formula."""
    return "'" + text if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    """Return the text that was written into a cell; what nobody escaped stays as it is."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def written(value: Any) -> str:  # noqa: PLR0911 - one kind a line
    """Return a value of the database as a cell; numbers, days and the like are no texts."""
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
