"""CSV table: the header of a file and its rows, with their problems by row and column."""

import csv
import hashlib
import re
from collections.abc import AsyncIterable, AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from qgp.kit.csv_cells import unescaped
from qgp.kit.csv_dialect import CsvDialect
from qgp.kit.csv_reader import numbered_rows
from qgp.kit.error_codes import ErrorCode
from qgp.kit.errors import (
    DomainError,
    Invalid,
    InvalidFormat,
    TooLong,
    max_items,
    max_length,
    written_as,
)

MAX_BYTES = 10 * 1024 * 1024  # of a file over HTTP
MOST_COLUMNS = 200
_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Bounds:
    """Bounds of one file.

    Attributes:
        row_characters: of one row, so that none holds up the event loop.
    """

    rows: int = 5_000
    characters: int = MAX_BYTES
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
    """A file's header, and its rows as they arrive.

    Attributes:
        header_row: number of the header's row.
        problems: of the rows so far that cannot be read.
        size: number of data rows so far that are not blank, readable or not.
        nameless: places of the columns without a name that have a value in the rows so far.
    """

    header: Sequence[str]
    header_row: int
    bounds: Bounds
    _rows: AsyncIterator[tuple[int, list[str] | csv.Error]]
    _hash: "hashlib._Hash"
    problems: list[Problem] = field(default_factory=list)
    size: int = 0
    nameless: set[int] = field(default_factory=set)

    @property
    def sha256(self) -> str:
        """SHA-256 of the text so far, in hexadecimal."""
        return self._hash.hexdigest()

    async def rows(self, least: int) -> AsyncIterator[Row]:
        """Yield the readable rows; blank ones and surplus empty cells are passed over.

        Args:
            least: cells of a row, at least; a spreadsheet may leave out blank ones at its end.

        Raises:
            Invalid: the file is too long, or has too many rows.
        """
        async for number, cells in self._rows:
            if _is_blank(cells):
                continue
            self._count()
            try:
                row = Row(number, self._cells(cells, least))
            except Invalid as error:
                self.problems.append(Problem.of(number, None, error))
            else:
                yield row

    def _count(self) -> None:
        """Count a row.

        Raises:
            TooLong: it is one too many.
        """
        self.size += 1
        if self.size > self.bounds.rows:
            message = f"The file has more than {self.bounds.rows:,} rows. Split it."
            raise TooLong(message, "csv", constraint=max_items(self.bounds.rows))

    def _cells(self, cells: list[str] | csv.Error, least: int) -> Sequence[str]:
        """Return a cell of a row for each column.

        Raises:
            Invalid: it cannot be read, or has too few or too many cells.
        """
        if isinstance(cells, csv.Error):
            raise _unreadable("This row", cells)
        width, trimmed = len(self.header), _trimmed(cells, len(self.header))
        if not least <= len(trimmed) <= width:
            message = f"This row has {len(trimmed)} cells, the header has {width}."
            raise Invalid(f"{message} Add or remove cells.")
        trimmed += [""] * (width - len(trimmed))
        self.nameless |= {place for place in self._nameless_places if trimmed[place].strip()}
        return trimmed

    @cached_property
    def _nameless_places(self) -> Sequence[int]:
        return [place for place, name in enumerate(self.header) if not name]


async def read(text: AsyncIterable[str], dialect: CsvDialect, bounds: Bounds) -> Table:
    """Read the header of a file; blank rows and a line `sep=` before it are passed over.

    Raises:
        Invalid: the file is too long, or has no header.
    """
    hash = hashlib.sha256()
    portions = _bounded(text, bounds.characters, hash)
    rows = numbered_rows(portions, dialect, bounds.row_characters)
    async for number, cells in rows:
        if isinstance(cells, csv.Error):
            raise _unreadable("The header", cells)
        if not _is_blank(cells):
            return Table(_header(cells), number, bounds, rows, hash)
    raise InvalidFormat(
        "The file has no header. Write the names of the columns in the first row.",
        "csv",
        constraint=written_as("csv"),
    )


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


async def _bounded(
    text: AsyncIterable[str], most: int, hash: "hashlib._Hash"
) -> AsyncIterator[str]:
    """Yield the portions of a text without its byte order mark, and hash them.

    Raises:
        TooLong: it has more than `most` characters.
    """
    characters = 0
    async for portion in text:
        rest = portion if characters else portion.removeprefix("\ufeff")
        characters += len(portion)
        if characters > most:
            message = f"The file has more than {most:,} characters. Split it."
            raise TooLong(message, "csv", constraint=max_length(most))
        hash.update(rest.encode("utf-8", "surrogatepass"))
        yield rest


def _unreadable(noun: str, error: csv.Error) -> Invalid:
    message = f"{noun} and the rows after it cannot be read: {error}."
    remedy = "Close each quotation mark, and double those within a cell."
    return Invalid(f"{message} {remedy}", "csv")


def _is_blank(cells: list[str] | csv.Error) -> bool:
    return isinstance(cells, list) and not any(cell.strip() for cell in cells)


def _header(cells: list[str]) -> Sequence[str]:
    """Return the names of the columns.

    Raises:
        TooLong: there are too many.
    """
    header = [cell.strip() for cell in _trimmed(cells, 0)]
    if len(header) > MOST_COLUMNS:
        message = f"The header has {len(header):,} columns; at most {MOST_COLUMNS} are allowed."
        raise TooLong(f"{message} Remove some.", "csv", constraint=max_items(MOST_COLUMNS))
    return header


def _trimmed(cells: list[str], width: int) -> list[str]:
    """Return the cells without blank ones at the end, but at least `width` of those there are."""
    last = next((n for n in range(len(cells), width, -1) if cells[n - 1].strip()), width)
    return cells[:last]
