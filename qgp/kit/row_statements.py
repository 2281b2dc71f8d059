"""Statements that write rows: the values of one row as parameters, those of many as arrays."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from qgp.kit.precompiled import Outcome, Precompiled

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

    def sql(self, prefix: str, *, is_many: bool) -> Any:
        """Return the statement for one row or many; its parameters are named with a prefix."""
        return self._make(self._of_many(prefix) if is_many else self._of_one(prefix))

    def parameters(self, prefix: str, rows: Sequence[Row]) -> Row:
        """Return the parameters for rows.

        Raises:
            KeyError: a row has no value of a name.
        """
        if len(rows) == 1:
            return {prefix + name: rows[0][name] for name in self._types}
        return {prefix + name: [row[name] for row in rows] for name in self._types}

    def _of_one(self, prefix: str) -> Values:
        return {name: sa.bindparam(prefix + name, type_=kind) for name, kind in self._types.items()}

    def _of_many(self, prefix: str) -> Values:
        kinds = {name: _in_array(kind) for name, kind in self._types.items()}
        arrays = [
            sa.bindparam(prefix + name, type_=sa.ARRAY(kind, dimensions=1))
            for name, kind in kinds.items()
        ]
        columns = [sa.column(name, kind) for name, kind in kinds.items()]
        rows = sa.func.unnest(*arrays).table_valued(*columns, name=f"{prefix}rows")
        rows = rows.render_derived()
        return {name: _from_array(rows, name, kind) for name, kind in self._types.items()}


def run(connection: sa.Connection, writes: Sequence[tuple[RowStatement, Sequence[Row]]]) -> Outcome:
    """Execute statements together, each once for its rows; return the outcome of the last one.

    The others are common table expressions of it. None of them sees what another one writes, but
    for the foreign keys, which are checked at the end.
    """
    forms = tuple([(statement, len(rows) > 1) for statement, rows in writes])
    parameters: dict[str, Any] = {}
    for place, (statement, rows) in enumerate(writes):
        parameters |= statement.parameters(_prefix(place), rows)
    return _together(forms).run(connection, parameters)


@lru_cache(maxsize=4096)
def _together(forms: Sequence[tuple[RowStatement, bool]]) -> Precompiled:
    *others, last = [
        statement.sql(_prefix(place), is_many=is_many)
        for place, (statement, is_many) in enumerate(forms)
    ]
    return Precompiled(last.add_cte(*[each.cte(f"write_{n}") for n, each in enumerate(others)]))


def _prefix(place: int) -> str:
    return f"w{place}_"


def _in_array(kind: sa.types.TypeEngine[Any]) -> sa.types.TypeEngine[Any]:
    """Return the type of a value inside an array: a list would be unnested as well."""
    return JSONB() if isinstance(kind, sa.ARRAY) else kind


def _from_array(rows: Any, name: str, kind: sa.types.TypeEngine[Any]) -> sa.ColumnElement[Any]:
    column: sa.ColumnElement[Any] = rows.c[name]
    if not isinstance(kind, sa.ARRAY):
        return column
    items = sa.select(sa.func.jsonb_array_elements_text(column)).correlate(rows)
    return sa.func.array(items.scalar_subquery(), type_=kind)
