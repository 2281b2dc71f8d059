"""Header of an imported CSV file: positions of the columns, and problems with their names."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from qgp.kit.csv_table import Problem
from qgp.kit.errors import DomainError, Invalid, Required
from qgp.kit.gql import columns
from qgp.kit.gql.csv_columns import Column
from qgp.kit.model import Record
from qgp.kit.names import snake

HEADER_ROW = 1


@dataclass(frozen=True)
class Header:
    """Column names of a file, matched with the columns of its import.

    Attributes:
        names: as they are written in the file.
        columns: every column that a file of this kind may have.
        positions: for each column that the file has, its cells in a row; several cells where
            together they name one record.
        problems: unusable names and missing columns.
        is_complete: whether every required column is there.
    """

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
        if problem.column in self.names:
            return problem.row, self.names.index(problem.column)
        return problem.row, len(self.names)


def read_header(
    model: type[Record], columns_of_import: Sequence[Column], names: Sequence[str]
) -> Header:
    """Match the names in a file's first row with the columns of its import.

    Args:
        model: the record that each row becomes.
        columns_of_import: every column that the file may have.
        names: the cells of its first row.
    """
    positions = dict(_positions(columns_of_import, names))
    missing = [one for one in columns_of_import if one.default is None and one not in positions]
    problems = [*_unusable_names(model, columns_of_import, names, positions)]
    if missing:
        needed = " and ".join(f"`{column.name}`" for column in missing)
        message = f"Add {needed}: each row needs {'them' if missing[1:] else 'it'}."
        problems.append(Problem.of(HEADER_ROW, None, Required(message)))
    return Header(names, columns_of_import, positions, problems, is_complete=not missing)


def _positions(
    columns_of_import: Sequence[Column], names: Sequence[str]
) -> Iterator[tuple[Column, tuple[int, ...]]]:
    """Yield the columns that the file has, under their own name or those of an export."""
    for column in columns_of_import:
        exported = column.named.export_columns if column.named else ()
        if column.name in names:
            yield column, (names.index(column.name),)
        elif exported and all(name in names for name in exported):
            yield column, tuple(names.index(name) for name in exported)


def _unusable_names(
    model: type[Record],
    columns_of_import: Sequence[Column],
    names: Sequence[str],
    positions: Mapping[Column, tuple[int, ...]],
) -> Iterator[Problem]:
    used = {position for cells in positions.values() for position in cells}
    for position, name in enumerate(names):
        if position in used:
            continue
        if not name:
            message = "This column has no name. Name it or remove it."
        elif name in names[:position]:
            message = "Two columns have this name. Remove one of them."
        else:
            message = _unknown_name(model, columns_of_import, names, positions, name)
        yield Problem.of(HEADER_ROW, name or None, Invalid(message))


def _unknown_name(
    model: type[Record],
    columns_of_import: Sequence[Column],
    names: Sequence[str],
    positions: Mapping[Column, tuple[int, ...]],
    name: str,
) -> str:
    """Return the message for a name that no column of the import uses in this file."""
    by_name = {column.name: column for column in columns_of_import}
    for column in columns_of_import:
        if column.named is not None and name in column.named.export_columns:
            if column in positions:
                return f"The column `{column.name}` names the same record. Remove one of them."
            missing = next(one for one in column.named.export_columns if one not in names)
            return f"This column names a record only together with `{missing}`. Add `{missing}`."
    if name.partition(".")[0] in columns.fields(model) and name not in by_name:
        return "The server sets this field, so it cannot be imported. Remove the column."
    close = get_close_matches(name, by_name, 1)
    hint = f"Did you mean `{close[0]}`?" if close else f"The columns are {', '.join(by_name)}."
    return f"There is no column of this name. {hint}"
