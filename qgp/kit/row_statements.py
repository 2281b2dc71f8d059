"""Statements that write rows: the values of one row as parameters, those of many as arrays."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from qgp.kit.precompiled import Call, Precompiled

Row = Mapping[str, Any]
Values = Mapping[str, sa.ColumnElement[Any]]


class RowStatement:
    """Statement that writes rows of one table.

    Args:
        types: of the values of a row, by name.
        make: returns the statement for values by name: the parameters of one row, or the columns
            of `unnest`, which has a row for each.
    """

    def __init__(
        self, types: Mapping[str, sa.types.TypeEngine[Any]], make: Callable[[Values], Any]
    ) -> None:
        self._types, self._make = types, make

    def call(self, rows: Sequence[Row]) -> Call:
        """Return the statement for one row or many, with their values.

        Raises:
            KeyError: a row has no value of a name.
        """
        if len(rows) == 1:
            return Call(self._of_one, rows[0])
        arrays = {name: [row[name] for row in rows] for name in self._types}
        return Call(self._of_many, arrays)

    @cached_property
    def _of_one(self) -> Precompiled:
        values = {name: sa.bindparam(name, type_=kind) for name, kind in self._types.items()}
        return Precompiled(self._make(values))

    @cached_property
    def _of_many(self) -> Precompiled:
        kinds = {name: _in_array(kind) for name, kind in self._types.items()}
        arrays = [
            sa.bindparam(name, type_=sa.ARRAY(kind, dimensions=1)) for name, kind in kinds.items()
        ]
        columns = [sa.column(name, kind) for name, kind in kinds.items()]
        rows = sa.func.unnest(*arrays).table_valued(*columns, name="new").render_derived()
        values = {name: _from_array(rows, name, kind) for name, kind in self._types.items()}
        return Precompiled(self._make(values))


def _in_array(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Return the type of a value inside an array: a list would be unnested as well."""
    return JSONB() if isinstance(kind, sa.ARRAY) else kind


def _from_array(rows: Any, name: str, kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    column: sa.ColumnElement[Any] = rows.c[name]
    if not isinstance(kind, sa.ARRAY):
        return column
    items = sa.select(sa.func.jsonb_array_elements_text(column)).correlate(rows)
    return sa.cast(sa.func.array(items.scalar_subquery()), kind)
