"""CSV from outside as a table of texts, and what is wrong with it by row and column."""

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
    """How much one file may hold."""

    rows: int = 5_000
    characters: int = 1024 * 1024


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a file.

    Attributes:
        row: as a spreadsheet counts: the header is 1.
        column: its name in the header; None for the whole row.
        constraint: the rule that is broken and its number, for programs, where there is one.
    """

    row: int
    column: str | None
    code: ErrorCode
    message: str
    constraint: str | None = None

    @classmethod
    def of(cls, row: int, column: str | None, error: DomainError) -> "Problem":
        """Say where an error stands."""
        constraint = error.constraint if isinstance(error, Invalid) else None
        return cls(row, column, error.code, error.message, constraint)


@dataclass(frozen=True)
class Row:
    """A row that has a cell for each column; the cells are as they were written."""

    number: int
    cells: Sequence[str]


@dataclass
class Table:
    """A file as it was read; rows that cannot be read are among the problems.

    Attributes:
        size: rows of data, readable or not.
    """

    header: Sequence[str]
    rows: list[Row] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0


def read(text: str, bounds: Bounds) -> Table:
    """Read a file with commas, or with semicolons where its header has more of them.

    Raises:
        Invalid: it is empty, too long, or nothing can be read of it.
    """
    if len(text) > bounds.characters:
        message = f"A file has at most {bounds.characters:,} characters; this has {len(text):,}."
        raise TooLong(f"{message} Split it.", "csv", constraint=max_length(bounds.characters))
    lines = _numbered(text.removeprefix("\ufeff"))
    number, header = next(lines, (0, None))
    if not isinstance(header, list):
        raise InvalidFormat(
            "This is no CSV file with a header. Write the columns' names first.",
            "csv",
            constraint=written_as("csv"),
        )
    table = Table([cell.strip() for cell in header])
    for number, cells in lines:
        table.size += 1
        if table.size > bounds.rows:
            raise TooLong(
                f"A file has at most {bounds.rows:,} rows. Split it.",
                "csv",
                constraint=max_items(bounds.rows),
            )
        if problem := _misshapen(cells, len(header)):
            table.problems.append(Problem.of(number, None, Invalid(problem)))
        elif isinstance(cells, list):
            table.rows.append(Row(number, cells))
    return table


def value(cell: str) -> str:
    """Return the text that a cell holds, with one sign for the end of a line.

    Raises:
        Invalid: it holds what nobody can see.
    """
    text = unescaped(cell).replace("\r\n", "\n")
    if _UNPRINTABLE.search(text):
        raise InvalidFormat(
            "Remove the control character; only newline and tab may stand here.",
            constraint=matching(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f]*"),
        )
    return text


def _numbered(text: str) -> Iterator[tuple[int, list[str] | csv.Error]]:
    """Yield the rows that are not empty, or the error after which none can be read."""
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
        return "From here on nothing can be read. Look for a quote that has no partner."
    if len(cells) != width:
        return f"This row has {len(cells)} cells, the header {width}. Make them as many."
    return None
