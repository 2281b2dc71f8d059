"""Header of an imported CSV file: positions of the columns, and problems with their names."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import Any

from qgp.kit.csv_table import Problem
from qgp.kit.errors import DomainError, Invalid, Required
from qgp.kit.gql import columns
from qgp.kit.gql.csv_columns import Column
from qgp.kit.model import Record
from qgp.kit.names import snake


@dataclass(frozen=True)
class Header:
    """Column names of a file, matched with the columns of its import.

    Attributes:
        number: of its row.
        names: as they are written in the file.
        columns: every column that a file of this kind may have.
        positions: for each column that the file has, its cells in a row; several cells where
            together they name one record.
        problems: unusable names and missing columns; columns without a name may be blank.
        is_complete: whether every required column is there.
    """

    number: int
    names: Sequence[str]
    columns: Sequence[Column]
    positions: Mapping[Column, tuple[int, ...]]
    problems: Sequence[Problem]
    is_complete: bool

    def name_of(self, column: Column) -> str:
        """Return a column's name as this file spells it."""
        positions = self.positions.get(column)
        return column.name if positions is None else self.names[positions[0]]

    def name_of_field(self, error: DomainError) -> str | None:
        """Return the name of the column whose field an error of the service is about."""
        field = snake(error.path[0]) if error.path else None
        return next((self.name_of(one) for one in self.columns if one.field == field), None)

    def sort_key(self, problem: Problem) -> tuple[int, int]:
        """Return the key that orders problems by row and column; those of a whole row come last."""
        place = None if problem.column is None else self._places.get(problem.column)
        return problem.row, len(self.names) if place is None else place

    @cached_property
    def defaults(self) -> Mapping[str, Callable[[], Any]]:
        """The values of the fields that the file has no column for, by field."""
        absent = (one for one in self.columns if one not in self.positions)
        return {one.field: one.default for one in absent if one.default is not None}

    @property
    def least_cells(self) -> int:
        """Number of cells up to the last required column."""
        required = (self.positions[one] for one in self.positions if one.default is None)
        return max((max(cells) + 1 for cells in required), default=0)

    def nameless(self, count: int) -> Sequence[Problem]:
        """Return the problems of so many columns that have values, but no name."""
        error = Invalid("This column has no name. Name it or remove it.")
        return [Problem.of(self.number, None, error)] * count

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {name: place for place, name in reversed([*enumerate(self.names)])}


def read_header(
    model: type[Record], columns_of_import: Sequence[Column], names: Sequence[str], number: int
) -> Header:
    """Match the names of a file's header with the columns of its import.

    Args:
        model: the record that each row becomes.
        columns_of_import: every column that the file may have.
        names: the cells of the header; case, blanks, hyphens and underscores make no difference.
        number: of its row.
    """
    spelled = [_spelled(name) for name in names]
    positions = dict(_positions(columns_of_import, spelled))
    missing = [one for one in columns_of_import if one.default is None and one not in positions]
    used = {position for cells in positions.values() for position in cells}
    problems = [
        Problem.of(number, name, Invalid(_unusable(model, columns_of_import, names, place)))
        for place, name in enumerate(names)
        if name and place not in used
    ]
    if missing:
        *first, last = [f"`{column.name}`" for column in missing]
        needed = f"{', '.join(first)} and {last}" if first else last
        message = f"Add {needed}: each row needs {'them' if first else 'it'}."
        problems.append(Problem.of(number, None, Required(message)))
    return Header(number, names, columns_of_import, positions, problems, is_complete=not missing)


def _spelled(name: str) -> str:
    """Return a name of a column as names are compared."""
    return re.sub(r"[\s_-]", "", name).lower()


def _positions(
    columns_of_import: Sequence[Column], spelled: Sequence[str]
) -> Iterator[tuple[Column, tuple[int, ...]]]:
    """Yield the columns that the file has, under their own name or those of an export."""
    for column in columns_of_import:
        for names in column.spellings:
            if all(_spelled(name) in spelled for name in names):
                yield column, tuple(spelled.index(_spelled(name)) for name in names)
                break


def _unusable(
    model: type[Record], columns_of_import: Sequence[Column], names: Sequence[str], place: int
) -> str:
    """Return the message for a name that no column of the import uses in this file."""
    spelled = [_spelled(name) for name in names]
    name = spelled[place]
    if name in spelled[:place]:
        return "Two columns have this name. Remove one of them."
    for column in columns_of_import:
        exported = [*map(_spelled, column.exported)]
        if name in {*exported, _spelled(column.name)}:
            missing = next((one for one in column.exported if _spelled(one) not in spelled), None)
            if missing is None or _spelled(column.name) in spelled:
                return f"The column `{column.name}` names the same record. Remove one of them."
            return f"This column names a record only together with `{missing}`. Add `{missing}`."
    if name.partition(".")[0] in map(_spelled, columns.fields(model)):
        return "The server sets this field, so it cannot be imported. Remove the column."
    by_name = {_spelled(column.name): column.name for column in columns_of_import}
    close = get_close_matches(name, by_name, 1)
    listed = f"The columns are {', '.join(by_name.values())}."
    hint = f"Did you mean `{by_name[close[0]]}`?" if close else listed
    return f"There is no column of this name. {hint}"
