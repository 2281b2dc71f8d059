"""Precompiled statements: constant statements, compiled once and sent as text with parameters.

SQLAlchemy looks up a compiled statement by a key that it makes of the whole tree each time, and
binds its parameters by type; for the statement that appends to the audit trail this took a twelfth
of a mutation.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import asyncpg

_DIALECT: sa.Dialect = asyncpg.dialect()  # type: ignore[no-untyped-call]
_PLACEHOLDER = re.compile(r"\$(\d+)")
_WITH = re.compile(r"\s*WITH (RECURSIVE )?")


class Outcome(NamedTuple):
    """Rows that a statement has returned, and the number of those that it has read or written."""

    rows: Sequence[Sequence[Any]]
    affected: int


class Precompiled:
    """Constant statement on tables, without the ORM criterion; row level security applies.

    Args:
        statement: its parameters are converted as their types say, its results not.
        name: of the common table expression that it becomes in `run_together`, where statements
            behind it read what it returns; None where none does.
    """

    def __init__(self, statement: sa.ClauseElement, name: str | None = None) -> None:
        self._statement = statement
        self.name = name

    def run(self, connection: sa.Connection, parameters: Mapping[str, Any]) -> Outcome:
        """Execute the statement with these parameters, through the driver's cursor.

        Raises:
            KeyError: a parameter has no value.
            DBAPIError: the database refuses the statement, or is lost.
        """
        return _send(connection, self.text, self.values(parameters))

    @property
    def text(self) -> str:
        """The statement with placeholders, `$1` for the first of its values."""
        return self._compiled[0]

    @property
    def size(self) -> int:
        """Number of its values."""
        return len(self._compiled[1])

    def values(self, parameters: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the values of the placeholders.

        Raises:
            KeyError: a parameter has no value.
        """
        return tuple([parameter(parameters) for parameter in self._compiled[1]])

    @cached_property
    def _compiled(self) -> tuple[str, Sequence[Callable[[Mapping[str, Any]], Any]]]:
        """The text, and for each of its parameters a function that reads it.

        A list of constants, as in `column.in_(…)`, becomes a parameter for each of its values.
        """
        compiled: Any = self._statement.compile(dialect=_DIALECT)
        required = {name: None for name, bind in compiled.binds.items() if bind.required}
        expanded = compiled.construct_expanded_state(required)
        constants = {k: value for k, value in expanded.parameters.items() if k not in required}
        processors = {**compiled._bind_processors, **expanded.processors}
        names = expanded.positiontup or ()
        return expanded.statement, [_reader(k, constants, processors.get(k)) for k in names]


def _reader(
    name: str, constants: Mapping[str, Any], convert: Callable[[Any], Any] | None
) -> Callable[[Mapping[str, Any]], Any]:
    """Return a function that reads a parameter in the form that the driver takes."""
    if name in constants:
        constant = constants[name] if convert is None else convert(constants[name])
        return lambda _: constant
    if convert is None:
        return itemgetter(name)
    return lambda values: convert(values[name])


class Call(NamedTuple):
    """Precompiled statement and its parameters."""

    statement: Precompiled
    parameters: Mapping[str, Any]


def run_together(connection: sa.Connection, calls: Sequence[Call]) -> Outcome:
    """Execute statements as one, and return the outcome of the last.

    The others are common table expressions of it. None of them sees what another one writes, but
    for what one with a name returns, and for the foreign keys, which are checked at the end.

    Raises:
        DBAPIError: see `Precompiled.run`.
    """
    return _send(connection, _together(tuple([each.statement for each in calls])), _values(calls))


def _values(calls: Sequence[Call]) -> tuple[Any, ...]:
    return tuple([value for each in calls for value in each.statement.values(each.parameters)])


@lru_cache(maxsize=4096)
def _together(statements: Sequence[Precompiled]) -> str:
    texts, taken = list[str](), 0
    for statement in statements:
        texts.append(_shifted(statement.text, taken))
        taken += statement.size
    *others, last = texts
    if not others:
        return last
    names = [each.name or f"write_{place}" for place, each in enumerate(statements)]
    parts = [f"{name} AS (\n{text}\n)" for name, text in zip(names, others, strict=False)]
    with_clause = _WITH.match(last)
    if with_clause is None:
        return f"WITH {', '.join(parts)}\n{last}"
    return f"{with_clause[0]}{', '.join(parts)},\n{last[with_clause.end() :]}"


def _shifted(text: str, taken: int) -> str:
    """Return a statement whose placeholders stand behind so many others."""
    return _PLACEHOLDER.sub(lambda place: f"${int(place[1]) + taken}", text) if taken else text


def _send(connection: sa.Connection, text: str, values: tuple[Any, ...]) -> Outcome:
    """Execute a statement through the driver's cursor.

    SQLAlchemy's own way makes a context and a result of each statement, which takes as long as the
    driver. Errors are those of SQLAlchemy, events those of the engine.
    """
    events = connection.engine.dispatch  # those of a connection would be joined with them anew
    for watch in events.before_cursor_execute:
        watch(connection, None, text, values, None, False)
    cursor = connection.connection.cursor()
    try:
        cursor.execute(text, values)
    except BaseException as error:  # noqa: BLE001 as in SQLAlchemy, which raises all of them
        connection._handle_dbapi_exception(error, text, values, cursor, None)
    for watch in events.after_cursor_execute:
        watch(connection, cursor, text, values, None, False)
    rows = cursor.fetchall() if cursor.description else ()
    cursor.close()
    return Outcome(rows, cursor.rowcount)
