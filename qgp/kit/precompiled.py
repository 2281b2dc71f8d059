"""Precompiled statements: constant statements, compiled once and sent as text with parameters.

SQLAlchemy looks up a compiled statement by a key that it makes of the whole tree each time, and
binds its parameters by type; for the statement that appends to the audit trail this took a twelfth
of a mutation.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

_DIALECT: sa.Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]


class Outcome(NamedTuple):
    """Rows that a statement has returned, and the number of those that it has read or written."""

    rows: Sequence[Sequence[Any]]
    affected: int


class Precompiled:
    """Constant statement on tables, without the ORM criterion; row level security applies.

    Args:
        statement: its parameters are converted as their types say, its results not.
    """

    def __init__(self, statement: sa.ClauseElement) -> None:
        self._statement = statement

    def run(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> Outcome:
        """Execute the statement with these parameters, through the driver's cursor.

        SQLAlchemy's own way makes a context and a result of each statement, which takes as long as
        the driver. Events and errors are those of SQLAlchemy.

        Raises:
            KeyError: a parameter has no value.
            DBAPIError: the database refuses the statement, or is lost.
        """
        text, _ = self._compiled
        call = connection, connection.connection.cursor(), text, self._values(parameters)
        _, cursor, _, values = call
        try:
            for watch in connection.dispatch.before_cursor_execute:
                watch(*call, None, False)
            cursor.execute(text, values)
            for watch in connection.dispatch.after_cursor_execute:
                watch(*call, None, False)
        except BaseException as error:  # noqa: BLE001 as in SQLAlchemy, which raises all of them
            connection._handle_dbapi_exception(error, text, values, cursor, None)
        rows = cursor.fetchall() if cursor.description else ()
        cursor.close()
        return Outcome(rows, cursor.rowcount)

    def _values(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple([parameter(parameters) for parameter in self._compiled[1]])

    @cached_property
    def _compiled(self) -> tuple[str, Sequence[Callable[[Mapping[str, Any]], Any]]]:
        """The text, and for each of its parameters a function that reads it."""
        compiled: Any = self._statement.compile(dialect=_DIALECT)
        processors = compiled._bind_processors
        return str(compiled), [
            _reader(name, compiled.binds[name], processors.get(name))
            for name in compiled.positiontup
        ]


def _reader(
    name: str, bind: Any, convert: Callable[[Any], Any] | None
) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that reads a parameter in the form that the driver takes."""
    if not bind.required:
        constant = bind.value if convert is None else convert(bind.value)
        return lambda _: constant
    if convert is None:
        return itemgetter(name)
    return lambda values: convert(values[name])
