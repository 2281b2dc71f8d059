"""Levels of a document: each answers a field for many keys with one statement."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from qgp.engine.executor.execution import Execution
from qgp.engine.executor.templates import NULL, Columns, Template, json_list, to_columns
from qgp.kit.sql_statement import SqlStatement

Rows = Sequence[Sequence[Any]]


class Level(Protocol):
    """A field, answered for many keys at once."""

    async def load(self, execution: Execution, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the JSON of the field for each key, in their order."""


@dataclass(frozen=True)
class ChildSource:
    """JSON of the level below, loaded by the keys in a column."""

    level: Level
    column: int

    async def texts(self, execution: Execution, data: Columns) -> Sequence[bytes]:
        """Return the JSON of the level below for each row."""
        return await self.level.load(execution, data[self.column])


@dataclass(frozen=True)
class OneByKey:
    """At most one row per key, written as an object or null."""

    statement: SqlStatement
    template: Template[Columns]

    async def load(self, execution: Execution, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the object of each key."""
        distinct, objects = await _objects(execution, self.statement, self.template, keys)
        by_key = {distinct[n - 1]: text for n, text in objects}
        return [by_key.get(key, NULL) for key in keys]


@dataclass(frozen=True)
class ManyByKey:
    """The rows of each key, in order, written as a list of objects."""

    statement: SqlStatement
    template: Template[Columns]

    async def load(self, execution: Execution, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the list of each key."""
        distinct, objects = await _objects(execution, self.statement, self.template, keys)
        groups: list[list[bytes]] = [[] for _ in distinct]
        for n, text in objects:
            groups[n - 1].append(text)
        by_key = {key: json_list(group) for key, group in zip(distinct, groups, strict=True)}
        return [by_key[key] for key in keys]


@dataclass(frozen=True)
class CountByKey:
    """Number of rows of each key.

    Attributes:
        compile: makes the statement when first needed: the rows of a root listing hold the number.
    """

    compile: Callable[[], SqlStatement]

    @cached_property
    def statement(self) -> SqlStatement:
        """The statement."""
        return self.compile()

    async def load(self, execution: Execution, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the number of each key."""
        distinct, rows = await fetch_by_key(execution, self.statement, keys)
        by_key = {distinct[n - 1]: b"%d" % count for n, count in rows}
        return [by_key[key] for key in keys]


@dataclass(frozen=True)
class JsonByKey:
    """JSON that PostgreSQL writes as a whole for each key."""

    statement: SqlStatement

    async def load(self, execution: Execution, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the JSON of each key."""
        distinct, rows = await fetch_by_key(execution, self.statement, keys)
        by_key = {distinct[n - 1]: text for n, text in rows}
        return [by_key[key] for key in keys]


async def fetch_by_key(
    execution: Execution, statement: SqlStatement, keys: Sequence[Any]
) -> tuple[Sequence[Any], Rows]:
    """Return the distinct keys that are not None, and the rows of a statement for them.

    The first column of a row is the number of its key among these, from 1. Without a key, no
    statement is sent.
    """
    distinct = [key for key in dict.fromkeys(keys) if key is not None]
    rows = await execution.fetch(statement, keys=distinct) if distinct else []
    return distinct, rows


async def _objects(
    execution: Execution, statement: SqlStatement, template: Template[Columns], keys: Sequence[Any]
) -> tuple[Sequence[Any], Iterable[tuple[int, bytes]]]:
    """Return the distinct keys, and each row as an object with the number of its key."""
    distinct, rows = await fetch_by_key(execution, statement, keys)
    columns = to_columns(rows)
    texts = await template.fill(execution, columns, len(rows))
    return distinct, zip(columns[0], texts, strict=True)
