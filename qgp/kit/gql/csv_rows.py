"""The rows of a file on their way to records: header, cells, the records they name, the service."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from qgp.kit import csv_table, reference_numbers
from qgp.kit.constraints import worded
from qgp.kit.csv_table import Problem, Table
from qgp.kit.errors import DomainError, Invalid, NotFound, Required
from qgp.kit.gql import columns
from qgp.kit.gql.csv_columns import Column
from qgp.kit.model import Record
from qgp.kit.names import snake
from qgp.kit.work import Work

MOST_PROBLEMS = 1_000
_HEADER = 1
Watch = Callable[[int], None]


class Stumbled(Exception):
    """A row was refused where none was expected to be."""


@dataclass(frozen=True)
class _Values:
    """What the cells of a row say, by field.

    Attributes:
        is_fit: whether all of them say something that can be.
    """

    number: int
    values: dict[str, Any]
    is_fit: bool


class Reading:
    """A file as its columns understand it, before anything is asked of the database.

    Attributes:
        problems: what is wrong with header and cells.
        rows: what the cells of each row say; records are keys yet.
    """

    def __init__(self, model: type[Record], columns: Sequence[Column], table: Table) -> None:
        self.problems = [*table.problems]
        self.rows: list[_Values] = []
        self._model = model
        self._columns = columns
        self._header = table.header
        self._places = dict(self._found())
        self._is_whole = self._look_at_header()
        for row in table.rows:
            self._read(row.number, row.cells)

    async def written(
        self,
        work: Work,
        act: Callable[..., Awaitable[Record]],
        watch: Watch,
        *,
        is_careful: bool = True,
    ) -> Sequence[Problem]:
        """Put each row through the service; return everything that is wrong, in its order.

        Args:
            is_careful: whether each row has a savepoint to go back to, which costs two round
                trips; without, the first refusal ends it.

        Raises:
            Stumbled: a row was refused, and nothing can go on.
            Forbidden: the caller may not read what a column names.
        """
        problems = [*self.problems]
        rows = [*self._resolved(await self._ids(work), problems)]
        if problems:
            is_careful = True
            reference_numbers.rehearse(work.session)
        for count, (number, values) in enumerate(rows if self._is_whole else [], 1):
            if len(problems) >= MOST_PROBLEMS:
                break
            try:
                if is_careful:
                    await _attempt(work, act, values)
                else:
                    await act(work, **values)
            except DomainError as error:
                if not is_careful:
                    raise Stumbled from error
                problems.append(Problem.of(number, self._place(error), error))
            watch(count)
        return sorted(problems, key=self._rank)[:MOST_PROBLEMS]

    def _found(self) -> Iterator[tuple[Column, tuple[int, ...]]]:
        """Yield the columns that the header names, with their places in a row."""
        header = self._header
        for column in self._columns:
            names = column.named.shown if column.named else ()
            if column.name in header:
                yield column, (header.index(column.name),)
            elif names and all(name in header for name in names):
                yield column, tuple(header.index(name) for name in names)

    def _look_at_header(self) -> bool:
        """Note what is wrong with the header; say whether nothing that is needed is missing."""
        used = {place for places in self._places.values() for place in places}
        for place, name in enumerate(self._header):
            if place not in used:
                self._note(_HEADER, name or None, Invalid(self._useless(place, name)))
        needed = [c for c in self._columns if c.default is None and c not in self._places]
        if needed:
            names = " and ".join(f"`{column.name}`" for column in needed)
            told = f"Add {names}: each row needs {'them' if needed[1:] else 'it'}."
            self._note(_HEADER, None, Required(told))
        return not needed

    def _useless(self, place: int, name: str) -> str:
        if not name:
            return "A column has no name. Give it one, or leave it out."
        if name in self._header[:place]:
            return "Another column has this name. Leave one of them out."
        known = {column.name: column for column in self._columns}
        for column in self._columns:
            if column.named is not None and name in column.named.shown:
                if column in self._places:
                    return f"`{column.name}` says this already. Leave one of them out."
                missing = [other for other in column.named.shown if other not in self._header]
                return f"Add `{missing[0]}`: only together they name a record."
        if name.partition(".")[0] in columns.fields(self._model) and name not in known:
            return "This is told by the server and cannot be imported. Leave the column out."
        close = get_close_matches(name, known, 1)
        hint = f"Did you mean `{close[0]}`?" if close else f"There are {', '.join(known)}."
        return f"There is no column of this name. {hint}"

    def _read(self, number: int, cells: Sequence[str]) -> None:
        values: dict[str, Any] = {}
        before = len(self.problems)
        for column in self._columns:
            places = self._places.get(column)
            try:
                if places is not None:
                    values[column.field] = column.value(_text(cells, places))
                elif column.default is not None:
                    values[column.field] = column.default()
            except Invalid as error:
                self._note(number, self._said(column), error)
        self.rows.append(_Values(number, values, is_fit=len(self.problems) == before))

    async def _ids(self, work: Work) -> dict[Column, dict[str, UUID | None]]:
        """Find the records that each column names, all rows at once."""
        found: dict[Column, dict[str, UUID | None]] = {}
        for column in self._places:
            if column.named is not None:
                said = {k for row in self.rows for k in _keys(row.values.get(column.field))}
                keys, loader = sorted(said), column.named.loader
                found[column] = {}
                if keys:
                    work.caller.require(loader.read)
                    records = await loader.fetch(work, keys)
                    ids = [None if record is None else record.id for record in records]
                    found[column] = dict(zip(keys, ids, strict=True))
        return found

    def _resolved(
        self, known: dict[Column, dict[str, UUID | None]], problems: list[Problem]
    ) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield the rows that are fit, with ids in place of keys; note what names nothing."""
        for row in self.rows:
            values, before = {**row.values}, len(problems)
            for column, ids in known.items():
                wanted = row.values.get(column.field)
                for key in _keys(wanted):
                    if ids[key] is None:
                        error = NotFound(_unseen(column, key))
                        problems.append(Problem.of(row.number, self._said(column), error))
                if isinstance(wanted, list):
                    values[column.field] = [ids[key] for key in wanted]
                elif wanted is not None:
                    values[column.field] = ids[wanted]
            if row.is_fit and len(problems) == before:
                yield row.number, values

    def _place(self, error: DomainError) -> str | None:
        """Return the column that an error of the service is about."""
        name = snake(error.path[0]) if error.path else None
        return next((self._said(c) for c in self._columns if c.field == name), None)

    def _said(self, column: Column) -> str:
        """Return the column's name as this file has it."""
        places = self._places.get(column)
        return column.name if places is None else self._header[places[0]]

    def _note(self, number: int, column: str | None, error: DomainError) -> None:
        self.problems.append(Problem.of(number, column, error))

    def _rank(self, problem: Problem) -> tuple[int, int]:
        known = problem.column in self._header
        return problem.row, self._header.index(problem.column) if known else len(self._header)


async def _attempt(
    work: Work, act: Callable[..., Awaitable[Record]], values: dict[str, Any]
) -> None:
    """Act, or leave things as they were before."""
    with worded():
        async with work.session.begin_nested():
            await act(work, **values)


def _text(cells: Sequence[str], places: tuple[int, ...]) -> str:
    if len(places) == 1:
        return csv_table.value(cells[places[0]])
    return " ".join(csv_table.value(cells[place]).strip() for place in places)


def _keys(wanted: Any) -> Sequence[str]:
    if isinstance(wanted, list):
        return wanted
    return [] if wanted is None else [wanted]


def _kind(column: Column) -> str:
    assert column.named is not None
    return column.named.loader.model.__name__


def _unseen(column: Column, key: str) -> str:
    told = column.named.told if column.named else ""
    return f"No {_kind(column)} `{key[:60]}` is visible to you. {told}".rstrip()
