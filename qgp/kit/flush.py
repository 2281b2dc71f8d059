"""Flush of a session: its pending rows, written by one precompiled statement per set of columns.

It takes the place of the ORM's unit of work, which assembles the statements of each flush anew from
the state of each row. Mapped classes have no relationships, so that a flush is what it writes:
new rows in the order of their tables' foreign keys, then changed rows, then deleted ones.
"""

from collections.abc import Iterable, Sequence
from functools import cache, cached_property, lru_cache
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from qgp.kit.model import Base
from qgp.kit.precompiled import Precompiled
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
    for rows in _by_kind(new):
        _table(rows[0]).insert(connection, rows)
    for row in changed:
        _table(row).update(connection, row)
    for row in deleted:
        _table(row).delete(connection, row)
    session._register_persistent({sa.inspect(row) for row in (*new, *changed)})
    session._remove_newly_deleted({sa.inspect(row) for row in deleted})


class _Table:
    """Statements that write the rows of one mapped class.

    Attributes:
        columns: by attribute name.
        version: the attribute that counts versions from 1; None where there is none.
        identity: the attributes of the primary key, and the version.
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
        self.identity = [names[column] for column in mapper.primary_key]
        if self.version is not None:
            self.identity.append(self.version)
        self.computed = [name for name, each in self.columns.items() if each.computed is not None]
        self.written = [
            name
            for name, column in self.columns.items()
            if column.computed is None and DERIVED not in column.info
        ]
        self._updates: dict[frozenset[str], Precompiled] = {}

    def insert(self, connection: sa.Connection, rows: Sequence[Base]) -> None:
        """Insert rows, in one round trip unless the database computes columns of each."""
        values = [self._new_values(_values(row)) for row in rows]
        if len(rows) > 1 and not self.computed:
            self._insert.run_many(connection, values)
            return
        for each in values:
            self._take_computed(self._insert.run(connection, each), each)

    def update(self, connection: sa.Connection, row: Base) -> None:
        """Write the attributes that have other values than they were loaded with, if any."""
        values, state = _values(row), sa.inspect(row)
        changed = {
            name
            for name, before in state.committed_state.items()
            if not self.columns[name].type.compare_values(before, values[name])
        }
        if not changed:
            return
        key = self._key(values)
        if self.version is not None:
            values[self.version] += 1
            changed.add(self.version)
        names = frozenset(changed)
        if names not in self._updates:
            self._updates[names] = Precompiled(self._update(names))
        self._take_computed(self._updates[names].run(connection, values | key), values)

    def delete(self, connection: sa.Connection, row: Base) -> None:
        """Delete a row."""
        result = self._delete.run(connection, self._key(_values(row)))
        self._require_one(result.rowcount)

    def _new_values(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add the defaults and the first version to the attributes of a new row."""
        for name in self.written:
            if values.get(name) is None:
                values[name] = _default(self.columns[name])
        if self.version is not None:
            values[self.version] = 1
        return values

    def _take_computed(self, result: sa.CursorResult[Any], values: dict[str, Any]) -> None:
        """Set the attributes that the database has computed for the one row of a statement."""
        if not self.computed:
            self._require_one(result.rowcount)
            return
        returned = result.all()
        self._require_one(len(returned))
        values.update(zip(self.computed, returned[0], strict=True))

    def _require_one(self, count: int) -> None:
        if count != 1:
            raise StaleDataError(f"{count} rows of {self.table.name} were written in place of 1")

    def _key(self, values: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters that identify a row."""
        return {_KEY + name: values[name] for name in self.identity}

    @cached_property
    def _insert(self) -> Precompiled:
        return Precompiled(self._returning(sa.insert(self.table).values(self._set(self.written))))

    def _update(self, names: Iterable[str]) -> Any:
        statement = sa.update(self.table).where(*self._this).values(self._set(names))
        return self._returning(statement)

    @cached_property
    def _delete(self) -> Precompiled:
        return Precompiled(sa.delete(self.table).where(*self._this))

    @property
    def _this(self) -> list[sa.ColumnElement[bool]]:
        return [self.columns[name] == self._parameter(name, _KEY) for name in self.identity]

    def _set(self, names: Iterable[str]) -> dict[Any, sa.BindParameter[Any]]:
        return {self.columns[name]: self._parameter(name) for name in names}

    def _parameter(self, name: str, prefix: str = "") -> sa.BindParameter[Any]:
        return sa.bindparam(prefix + name, type_=self.columns[name].type)

    def _returning(self, statement: Any) -> Any:
        computed = [self.columns[name] for name in self.computed]
        return statement.returning(*computed) if computed else statement


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
