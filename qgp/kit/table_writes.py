"""Tables of mapped classes: the statements that write their rows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm.attributes import instance_dict
from sqlalchemy.orm.exc import StaleDataError

from qgp.kit.model import Base
from qgp.kit.precompiled import Call, Outcome
from qgp.kit.reference_numbers import COUNTED, set_reference
from qgp.kit.row_statements import Row, RowStatement, Values
from qgp.kit.text_keys import DERIVED

_KEY = "key_of_"  # prefix of the parameters that identify a row, apart from its new values


@dataclass(frozen=True)
class Write:
    """Write of rows of one table.

    Attributes:
        rows: parameters of the statement for each row; later changes of the row leave them alone.
        returned: the attributes that the statement returns, beside the primary key.
        values: of the rows, which take what is returned.
        is_insert: whether every row is written, or an error is raised.
        numbered: its only row, if that takes its reference with the write; `counter` takes it.
    """

    table: "Table"
    statement: RowStatement
    rows: list[Row]
    values: Sequence[dict[str, Any]] = ()
    returned: Sequence[str] = ()
    is_insert: bool = False
    numbered: Base | None = None
    counter: Call | None = None

    @property
    def calls(self) -> Sequence[Call]:
        """The statements that write the rows, together."""
        call = self.statement.call(self.rows)
        return [call] if self.counter is None else [self.counter, call]

    @property
    def is_awaited(self) -> bool:
        """Whether it returns what is needed before the next statement of the transaction."""
        return any(name != "reference" for name in self.returned)

    def take_in(self, other: "Write") -> None:
        """Write the rows of another insert into the same table as well."""
        self.rows.extend(other.rows)

    def finish(self, outcome: Outcome) -> None:
        """Set what the database has returned.

        Raises:
            StaleDataError: a row was not written.
        """
        if self.returned:
            self.table.take_returned(outcome, self.values, self.returned)
            if self.numbered is not None:
                set_reference(self.numbered, self.values[0]["reference"])
        elif not self.is_insert:
            self.require_all(outcome.affected)

    def require_all(self, count: int) -> None:
        """Raise StaleDataError unless all rows were written."""
        self.table.require_all(count, len(self.rows))


class Table:
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
        self._nulls = dict.fromkeys(self.written)
        self._defaults = [
            (name, _default(column.default))
            for name, column in self.columns.items()
            if name in self._nulls and column.default is not None
        ]
        self._updates: dict[frozenset[str], RowStatement] = {}

    def insert(self, values: Sequence[dict[str, Any]]) -> "Write":
        """Return the write that inserts rows, and add defaults and version to their values."""
        rows: list[Row] = [{**self._with_defaults(each)} for each in values]
        return Write(self, self._insert, rows, values, self.computed, is_insert=True)

    def insert_numbered(self, row: Base, counter: Call) -> "Write":
        """Return the write that inserts one row and takes its reference.

        Args:
            row: has a provisional reference.
            counter: see `reference_numbers.counter_of`.
        """
        values = instance_dict(row)
        rows: list[Row] = [{**self._with_defaults(values)}]
        returned = [*self.computed, "reference"]
        write = Write(self, self._insert_numbered, rows, [values], returned, is_insert=True)
        return replace(write, numbered=row, counter=counter)

    def changed(self, row: Base) -> frozenset[str]:
        """Return the attributes that have other values than they were loaded with."""
        state: Any = sa.inspect(row)
        return frozenset(
            name
            for name, before in state.committed_state.items()
            if not self.columns[name].type.compare_values(before, state.dict[name])
        )

    def update(self, rows: Sequence[Base], changed: frozenset[str]) -> "Write":
        """Return the write of the changed attributes of rows, and of their next version."""
        values = values_of(rows)
        keys = [self._key(each) for each in values]
        if self.version is not None:
            changed |= {self.version}
            for each in values:
                each[self.version] += 1
        if changed not in self._updates:
            self._updates[changed] = self._update(changed)
        parameters: list[Row] = [each | key for each, key in zip(values, keys, strict=True)]
        return Write(self, self._updates[changed], parameters, values, self.computed)

    def delete(self, rows: Sequence[Base]) -> "Write":
        """Return the write that deletes rows."""
        return Write(self, self._delete, [self._key(each) for each in values_of(rows)])

    def take_returned(
        self, outcome: Outcome, rows: Sequence[dict[str, Any]], names: Sequence[str]
    ) -> None:
        """Set attributes that the database has returned, by the primary key of each row."""
        size = len(self.keys)
        returned = {tuple(values[:size]): values[size:] for values in outcome.rows}
        self.require_all(len(returned), len(rows))
        for row in rows:
            key = tuple([row[name] for name in self.keys])
            row.update(zip(names, returned[key], strict=True))

    def require_all(self, count: int, expected: int) -> None:
        """Raise StaleDataError unless all rows were written."""
        if count != expected:
            message = f"{count} rows of {self.table.name} were written in place of {expected}"
            raise StaleDataError(message)

    def _with_defaults(self, values: dict[str, Any]) -> dict[str, Any]:
        """Add the defaults and the first version to the attributes of a new row."""
        values.update({**self._nulls, **values})
        for name, default in self._defaults:
            if values[name] is None:
                values[name] = default()
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
        return RowStatement(types, lambda values: self._inserting(values, self.computed))

    @cached_property
    def _insert_numbered(self) -> RowStatement:
        types = {name: self.columns[name].type for name in self.written if name != "reference"}

        def make(values: Values) -> Any:
            numbered = {**values, "reference": sa.literal_column(COUNTED, sa.Text)}
            return self._inserting(numbered, [*self.computed, "reference"])

        return RowStatement(types, make)

    def _inserting(self, values: Values, returned: Sequence[str]) -> Any:
        rows = sa.insert(self.table).from_select(
            [self.columns[name] for name in values], sa.select(*values.values())
        )
        return self._returning(rows, returned)

    def _update(self, names: Collection[str]) -> RowStatement:
        types = {name: self.columns[name].type for name in names}

        def make(values: Values) -> Any:
            written = {self.columns[name]: values[name] for name in names}
            rows = sa.update(self.table).where(*self._is_row(values)).values(written)
            return self._returning(rows, self.computed)

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

    def _returning(self, statement: Any, names: Sequence[str]) -> Any:
        if not names:
            return statement
        return statement.returning(*[self.columns[name] for name in (*self.keys, *names)])


@cache
def table_of(kind: type[Base]) -> Table:
    """Return the table of a mapped class."""
    return Table(kind)


def values_of(rows: Iterable[Base]) -> list[dict[str, Any]]:
    """Return the values of each row's attributes; changes of them are no changes of the row."""
    return [*map(instance_dict, rows)]


def _default(default: Any) -> Callable[[], Any]:
    """Return the function that makes a column's default value."""
    return (lambda: default.arg) if default.is_scalar else (lambda: default.arg(None))
