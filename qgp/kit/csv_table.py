"""CSV reader: a file as a table of texts, with its problems by row and column."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

from qgp.kit.csv_cells import unescaped
from qgp.kit.csv_dialect import DELIMITERS, CsvDialect
from qgp.kit.errors import (
    DomainError,
    ErrorCode,
    Invalid,
    InvalidFormat,
    TooLong,
    max_items,
    max_length,
    written_as,
)
from qgp.kit.pace import Pace

MOST_COLUMNS = 200
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SEPARATOR_LINE = re.compile(r'\s*"?sep=([,;\t|])[,;\t|\s"]*', re.IGNORECASE)
_QUOTED = re.compile('"(?:[^"]|"")*"')
_BLANK = "".join(DELIMITERS.values()) + "\"' \u00a0\n"


@dataclass(frozen=True)
class Bounds:
    """Bounds of one file.

    Attributes:
        row_characters: of one row, so that none holds up the event loop.
    """

    rows: int = 5_000
    characters: int = 10 * 1024 * 1024
    row_characters: int = 200_000


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        row: number as a spreadsheet counts: blank rows too, the first is 1.
        column: name in the header; None for the whole row.
        constraint: the broken rule with its number, for programs; None where there is none.
    """

    row: int
    column: str | None
    code: ErrorCode
    message: str
    constraint: str | None = None

    @classmethod
    def of(cls, row: int, column: str | None, error: DomainError) -> "Problem":
        """Return the problem of an error in a row and column."""
        constraint = error.constraint if isinstance(error, Invalid) else None
        return cls(row, column, error.code, error.message, constraint)


@dataclass(frozen=True)
class Row:
    """Row with a cell for each column; the cells are as written in the file."""

    number: int
    cells: Sequence[str]


@dataclass
class Table:
    """A file's header and rows; unreadable rows are among the problems.

    Attributes:
        header_row: number of the header's row.
        size: number of data rows that are not blank, readable or not.
    """

    header: Sequence[str]
    header_row: int = 1
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0


async def read(text: str, dialect: CsvDialect, bounds: Bounds) -> Table:
    """Read a file; blank rows, a line `sep=` and surplus empty cells are passed over.

    Raises:
        Invalid: the file is too long, has too many rows, or has no header.
    """
    if len(text) > bounds.characters:
        message = (
            f"The file has {len(text):,} characters; at most {bounds.characters:,} are allowed."
        )
        raise TooLong(f"{message} Split it.", "csv", constraint=max_length(bounds.characters))
    pace, table = Pace(), None
    for number, cells in _numbered_rows(
        text.removeprefix("\ufeff"), dialect, bounds.row_characters
    ):
        await pace()
        if table is None and isinstance(cells, list):
            table = _headed(number, cells)
        elif table is not None and not _is_blank(cells):
            _add_row(table, number, cells, bounds.rows)
    if table is None:
        raise InvalidFormat(
            "The file has no header. Write the names of the columns in the first row.",
            "csv",
            constraint=written_as("csv"),
        )
    return await _without_blank_columns(table, pace)


def value(cell: str) -> str:
    """Return the text of a cell, with newlines as line ends.

    Raises:
        InvalidFormat: it has control characters.
    """
    text = unescaped(cell).replace("\r\n", "\n").replace("\r", "\n")
    if _UNPRINTABLE.search(text):
        raise InvalidFormat(
            "This cell has a control character; only newline and tab are allowed. Remove it.",
            constraint=written_as(pattern=r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*"),
        )
    return text


def _numbered_rows(
    text: str, dialect: CsvDialect, most: int
) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield number and cells of each row; last, the error that ends the file.

    Rows are numbered as a spreadsheet does: blank ones count, and so does a line `sep=`.
    """
    opening, delimiter = _opening(text[:most], dialect)
    lines = _Lines(text, most)
    for _ in range(opening):
        next(lines)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    for number in count(opening + 1):
        lines.begin_row()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, error
            return
        yield number, cells


def _opening(text: str, dialect: CsvDialect) -> tuple[int, str]:
    """Return the number of lines up to a line `sep=`, and the delimiter of the file."""
    declared = dialect.delimiter and dialect.delimiter.character
    for number, line in enumerate(io.StringIO(text, newline=None), 1):
        if match := _SEPARATOR_LINE.fullmatch(line.rstrip("\n")):
            return number, declared or match[1]
        if line.strip(_BLANK):
            names = _QUOTED.sub("", line)
            return 0, declared or max(DELIMITERS.values(), key=names.count)
    return 0, declared or ","


class _Lines:
    """Lines of a file, with their ends; a row may not be longer than `most` characters."""

    def __init__(self, text: str, most: int) -> None:
        self._lines = io.StringIO(text, newline="")
        self._most = most
        self._length = 0

    def begin_row(self) -> None:
        """Count the characters of the next row."""
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._length += len(line)
        if self._length > self._most:
            raise csv.Error(f"it has more than {self._most:,} characters")
        return line


def _is_blank(cells: list[str] | csv.Error) -> bool:
    return isinstance(cells, list) and not any(cell.strip() for cell in cells)


def _headed(number: int, cells: list[str]) -> Table | None:
    """Return a table with this header; None for a blank row.

    Raises:
        TooLong: the header has too many columns.
    """
    if _is_blank(cells):
        return None
    header = [cell.strip() for cell in _trimmed(cells, 0)]
    if len(header) > MOST_COLUMNS:
        message = f"The header has {len(header):,} columns; at most {MOST_COLUMNS} are allowed."
        raise TooLong(f"{message} Remove some.", "csv", constraint=max_items(MOST_COLUMNS))
    return Table(header, number)


def _add_row(table: Table, number: int, cells: list[str] | csv.Error, most: int) -> None:
    """Add a row, or the problem why it has none.

    Raises:
        TooLong: the table has `most` rows.
    """
    table.size += 1
    if table.size > most:
        message = f"The file has more than {most:,} rows. Split it."
        raise TooLong(message, "csv", constraint=max_items(most))
    if isinstance(cells, csv.Error):
        message = (
            f"This row and those after it cannot be read: {cells}. Close each quotation mark, "
            "and double those within a cell."
        )
        table.problems.append(Problem.of(number, None, Invalid(message)))
        return
    width, trimmed = len(table.header), _trimmed(cells, len(table.header))
    if len(trimmed) == width:
        table.rows.append(Row(number, trimmed))
        return
    message = f"This row has {len(trimmed)} cells, the header has {width}. Add or remove cells."
    table.problems.append(Problem.of(number, None, Invalid(message)))


def _trimmed(cells: list[str], width: int) -> list[str]:
    """Return the cells without blank ones at the end, but at least `width` of those there are."""
    last = next((n for n in range(len(cells), width, -1) if cells[n - 1].strip()), width)
    return cells[:last]


async def _without_blank_columns(table: Table, pace: Pace) -> Table:
    """Remove the columns that have neither a name nor a value."""
    blank = set()
    for place in (place for place, name in enumerate(table.header) if not name):
        await pace()
        if not any(row.cells[place].strip() for row in table.rows):
            blank.add(place)
    if not blank:
        return table
    kept, rows = [place for place in range(len(table.header)) if place not in blank], []
    for row in table.rows:
        await pace()
        rows.append(Row(row.number, [row.cells[place] for place in kept]))
    return replace(table, header=[table.header[place] for place in kept], rows=rows)
