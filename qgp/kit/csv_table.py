"""CSV reader: a file as a table of texts, with its problems by row and column."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from qgp.kit.csv_cells import unescaped
from qgp.kit.errors import (
    DomainError,
    ErrorCode,
    Invalid,
    InvalidFormat,
    TooLong,
    matching,
    max_items,
    max_length,
    written_as,
)

_UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Bounds:
    """Bounds of one file."""

    rows: int = 5_000
    characters: int = 1024 * 1024


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        row: number as a spreadsheet counts: the header is 1.
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
        size: number of data rows, readable or not.
    """

    header: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0


def read(text: str, bounds: Bounds) -> Table:
    """Read a file with commas, or with semicolons where its header has more of them.

    Raises:
        Invalid: the file is too long, has too many rows, or has no header.
    """
    if len(text) > bounds.characters:
        message = (
            f"The file has {len(text):,} characters; at most {bounds.characters:,} are allowed."
        )
        raise TooLong(f"{message} Split it.", "csv", constraint=max_length(bounds.characters))
    lines = _numbered(text.removeprefix("\ufeff"))
    number, header = next(lines, (0, None))
    if not isinstance(header, list):
        raise InvalidFormat(
            "The file has no header. Write the names of the columns in the first row.",
            "csv",
            constraint=written_as("csv"),
        )
    table = Table([cell.strip() for cell in header])
    for number, cells in lines:
        table.size += 1
        if table.size > bounds.rows:
            raise TooLong(
                f"The file has more than {bounds.rows:,} rows. Split it.",
                "csv",
                constraint=max_items(bounds.rows),
            )
        if problem := _misshapen(cells, len(header)):
            table.problems.append(Problem.of(number, None, Invalid(problem)))
        elif isinstance(cells, list):
            table.rows.append(Row(number, cells))
    return table


def value(cell: str) -> str:
    """Return the text of a cell, with newlines as line ends.

    Raises:
        InvalidFormat: it has control characters.
    """
    text = unescaped(cell).replace("\r\n", "\n")
    if _UNPRINTABLE.search(text):
        raise InvalidFormat(
            "This cell has a control character; only newline and tab are allowed. Remove it.",
            constraint=matching(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*"),
        )
    return text


def _numbered(text: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield number and cells of rows that are not empty; last, the error that ends the file."""
    head = text.lstrip().partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(rows)
        except StopIteration:
            return
        except csv.Error as error:
            yield number, error
            return
        if cells:
            yield number, cells


def _misshapen(cells: list[str] | csv.Error, width: int) -> str | None:
    if isinstance(cells, csv.Error):
        return "This row and those after it cannot be read. Close the open quotation mark."
    if len(cells) != width:
        return f"This row has {len(cells)} cells, the header has {width}. Add or remove cells."
    return None
