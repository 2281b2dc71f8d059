"""Flush of a session: its pending rows, written by one statement for each table and set of columns.

It takes the place of the ORM's unit of work, which assembles the statements of each flush anew from
the state of each row. Mapped classes have no relationships, so that a flush is what it writes:
new rows in the order of their tables' foreign keys, then changed rows, then deleted ones.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from qgp.kit.model import Base
from qgp.kit.precompiled import Outcome
from qgp.kit.row_statements import RowStatement, Values, run
from qgp.kit.text_keys import DERIVED

_KEY = "key_of_"  # prefix of the parameters that identify a row, apart from its new values


def write(session: Any) -> None:
    """Write the pending rows of a session and register them as written.

    Args:
        session: of `kit.session`; its methods for the ORM's own flush are used.

    Raises:
        IntegrityError: a row breaks a constraint.
        StaleDataError: a row has another version in the database than it was loaded with.
    """
    new, changed, deleted = ([*rows] for rows in (session.new, session.dirty, session.deleted))
    connection = session.connection()
    writes = [_table(rows[0]).insert(rows) for rows in _by_kind(new)]
    writes += [table.update(rows, names) for (table, names), rows in _by_change(changed).items()]
    writes += [_table(rows[0]).delete(rows) for rows in _in_turn(deleted)]
    for together in _together(writes):
        outcome = run(connection, [(each.statement, each.parameters) for each in together])
        together[-1].finish(outcome)
    session._register_persistent({sa.inspect(row) for row in (*new, *changed)})
    session._remove_newly_deleted({sa.inspect(row) for row in deleted})


class _Table:
    """Statements that write the rows of one mapped class.

    Attributes:
        columns: by attribute name.
        version: the attribute that counts versions from 1; None where there is none.
        keys: the attributes of the primary key.
        computed: the attributes that the database computes, which a statement returns.
        written: the other attributes, but for text keys, which triggers set.
    """

    def __init__(self, kind: type[Base]) -> None:
        mapper: Any = sa.inspect(kind)
        self.table: Any = kind.__table__
        self.columns: dict[str, Any] = {
            attribute.key: attribute.columns[0] for attribute in mapper.column_attrs
        }
        names = {column: name for name, column in self.columns.items()}
        self.version = names.get(mapper.version_id_col)
        self.keys = [names[column] for column in mapper.primary_key]
        self.computed = [name for name, each in self.columns.items() if each.computed is not None]
        self.written = [
            name
            for name, column in self.columns.items()
            if column.computed is None and DERIVED not in column.info
        ]
        self._updates: dict[frozenset[str], RowStatement] = {}

    def insert(self, rows: Sequence[Base]) -> "_Write":
        """Return the write that inserts rows."""
        values = [self._new_values(_values(row)) for row in rows]
        return _Write(self, self._insert, values, values, needs_outcome=bool(self.computed))

    def changed(self, row: Base) -> frozenset[str]:
        """Return the attributes that have other values than they were loaded with."""
        state: Any = sa.inspect(row)
        return frozenset(
            name
            for name, before in state.committed_state.items()
            if not self.columns[name].type.compare_values(before, state.dict[name])
        )

    def update(self, rows: Sequence[Base], changed: frozenset[str]) -> "_Write":
        """Return the write of the changed attributes of rows, and of their next version."""
        values = [_values(row) for row in rows]
        keys = [self._key(each) for each in values]
        if self.version is not None:
            changed |= {self.version}
            for each in values:
                each[self.version] += 1
        if changed not in self._updates:
            self._updates[changed] = self._update(changed)
        parameters = [each | key for each, key in zip(values, keys, strict=True)]
        return _Write(self, self._updates[changed], parameters, values)

    def delete(self, rows: Sequence[Base]) -> "_Write":
        """Return the write that deletes rows."""
        return _Write(self, self._delete, [self._key(_values(row)) for row in rows], ())

    def take_computed(self, outcome: Outcome, rows: Sequence[dict[str, Any]]) -> None:
        """Set the attributes that the database has computed, by the primary key of each row."""
        size = len(self.keys)
        computed = {tuple(values[:size]): values[size:] for values in outcome.rows}
        self.require_all(len(computed), len(rows))
        for row in rows:
            key = tuple([row[name] for name in self.keys])
            row.update(zip(self.computed, computed[key], strict=True))

    def require_all(self, count: int, expected: int) -> None:
        """Raise StaleDataError unless all rows were written."""
        if count != expected:
            message = f"{count} rows of {self.table.name} were written in place of {expected}"
            raise StaleDataError(message)

    def _new_values(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add the defaults and the first version to the attributes of a new row."""
        for name in self.written:
            if values.get(name) is None:
                values[name] = _default(self.columns[name])
        if self.version is not None:
            values[self.version] = 1
        return values

    def _key(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters that identify a row."""
        return {_KEY + name: values[name] for name in self._identity}

    @property
    def _identity(self) -> Sequence[str]:
        """The attributes of the primary key, and the version."""
        return self.keys if self.version is None else [*self.keys, self.version]

    @cached_property
    def _insert(self) -> RowStatement:
        types = {name: self.columns[name].type for name in self.written}

        def make(values: Values) -> Any:
            rows = sa.insert(self.table).from_select(
                [self.columns[name] for name in values], sa.select(*values.values())
            )
            return self._returning(rows)

        return RowStatement(types, make)

    def _update(self, names: Collection[str]) -> RowStatement:
        types = {name: self.columns[name].type for name in names}

        def make(values: Values) -> Any:
            written = {self.columns[name]: values[name] for name in names}
            rows = sa.update(self.table).where(*self._is_row(values)).values(written)
            return self._returning(rows)

        return RowStatement(types | self._key_types, make)

    @cached_property
    def _delete(self) -> RowStatement:
        return RowStatement(
            self._key_types, lambda values: sa.delete(self.table).where(*self._is_row(values))
        )

    @property
    def _key_types(self) -> dict[str, Any]:
        return {_KEY + name: self.columns[name].type for name in self._identity}

    def _is_row(self, values: Values) -> list[sa.ColumnElement[bool]]:
        return [self.columns[name] == values[_KEY + name] for name in self._identity]

    def _returning(self, statement: Any) -> Any:
        if not self.computed:
            return statement
        return statement.returning(*[self.columns[name] for name in (*self.keys, *self.computed)])


@dataclass(frozen=True)
class _Write:
    """Write of rows of one table.

    Attributes:
        parameters: of the statement, for each row.
        values: of the rows, which take what the database computes; empty for deleted ones.
        needs_outcome: whether rows may be stale or have computed values.
    """

    table: _Table
    statement: RowStatement
    parameters: Sequence[Mapping[str, Any]]
    values: Sequence[dict[str, Any]]
    needs_outcome: bool = True

    def finish(self, outcome: Outcome) -> None:
        """Check that all rows were written, and set what the database has computed."""
        if self.table.computed and self.values:
            self.table.take_computed(outcome, self.values)
        else:
            self.table.require_all(outcome.affected, len(self.parameters))


_of_kind = cache(_Table)


def _table(row: Base) -> _Table:
    return _of_kind(type(row))


def _by_kind(rows: Sequence[Base]) -> Iterable[Sequence[Base]]:
    """Group rows by class, referenced tables first; within a class in the order of addition."""
    if len(rows) <= 1:
        return [rows] if rows else []
    places = _places(len(Base.metadata.tables))
    ordered = sorted(rows, key=lambda row: places[row.__tablename__])
    return [[*group] for _, group in groupby(ordered, type)]


def _by_change(rows: Iterable[Base]) -> Mapping[tuple[_Table, frozenset[str]], Sequence[Base]]:
    """Group rows by class and changed attributes; leave rows out that have not changed."""
    groups: dict[tuple[_Table, frozenset[str]], list[Base]] = defaultdict(list)
    for row in rows:
        table = _table(row)
        if attributes := table.changed(row):
            groups[table, attributes].append(row)
    return groups


def _in_turn(rows: Iterable[Base]) -> Iterable[Sequence[Base]]:
    """Group neighbours of one class."""
    return [[*group] for _, group in groupby(rows, type)]


def _together(writes: Sequence[_Write]) -> Iterable[Sequence[_Write]]:
    """Group writes that one statement can execute: at most the last one needs its outcome."""
    group: list[_Write] = []
    for write in writes:
        group.append(write)
        if write.needs_outcome:
            yield group
            group = []
    if group:
        yield group


@lru_cache(maxsize=1)
def _places(_: int) -> dict[str, int]:
    """Return the place of each of so many tables in the order of their foreign keys."""
    return {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}


def _values(row: Base) -> dict[str, Any]:
    """Return the values of a row's attributes; changes of it are no changes of the row."""
    values: dict[str, Any] = sa.inspect(row).dict
    return values


def _default(column: sa.Column[Any]) -> Any:
    default: Any = column.default
    if default is None:
        return None
    return default.arg if default.is_scalar else default.arg(None)
