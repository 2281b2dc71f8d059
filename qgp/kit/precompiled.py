"""Precompiled statements: constant statements, compiled once and sent as text with parameters.

SQLAlchemy looks up a compiled statement by a key that it makes of the whole tree each time, and
binds its parameters by type; for the statement that appends to the audit trail this took a twelfth
of a mutation.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

_DIALECT: sa.Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]


class Precompiled:
    """Constant statement on tables, without the ORM criterion; row level security applies.

    Args:
        statement: with parameters of types that the driver takes without conversion.
    """

    def __init__(self, statement: sa.ClauseElement) -> None:
        self._statement = statement

    def run(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> sa.CursorResult[Any]:
        """Execute the statement with these parameters.

        Raises:
            KeyError: a parameter has no value.
        """
        text, names, constants = self._compiled
        values = {**constants, **parameters}
        return connection.exec_driver_sql(text, tuple([values[name] for name in names]))

    @cached_property
    def _compiled(self) -> tuple[str, tuple[str, ...], dict[str, Any]]:
        compiled: Any = self._statement.compile(dialect=_DIALECT)
        binds = {name: compiled.binds[name] for name in compiled.positiontup}
        constants = {name: bind.value for name, bind in binds.items() if not bind.required}
        return str(compiled), tuple(compiled.positiontup), constants
