"""Faults at statements: the database refuses each statement of a mutation once, with `disk_full`.

PostgreSQL itself refuses, so that transactions and connections are left as by a real fault. BEGIN,
COMMIT and savepoints are statements as well; ROLLBACK is none, since a transaction that cannot be
rolled back ends with its connection.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import asyncpg  # type: ignore[import-untyped]
from sqlalchemy.dialects.postgresql.asyncpg import AsyncAdapt_asyncpg_connection

from qgp.engine.read_connections import ReadConnection
from qgp.kit.connection_setup import SecuredTransaction

_REFUSAL = "DO $$ BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END $$"
Statement = tuple[str, int]  # its text, and how often the request has sent it before


@dataclass
class Faults:
    """Statements of one mutation that were refused, and those that its present request has sent.

    Attributes:
        spares_answer: whether the statements behind a COMMIT pass, which read the answer.
        refused: the statements of the present request that were refused: several, where the request
            recovers from a fault.
        commits: number of transactions that the present request has committed.
        past: every statement that was refused once.
    """

    spares_answer: bool
    refused: list[Statement] = field(default_factory=list)
    commits: int = 0
    past: set[Statement] = field(default_factory=set)
    _sent: Counter[str] = field(default_factory=Counter)

    async def pass_or_refuse(self, connection: Any, text: str) -> None:
        """Let a statement pass unless it was never refused.

        Raises:
            DiskFullError: the statement is refused.
        """
        statement = text, self._sent[text]
        self._sent[text] += 1
        if statement not in self.past and not (self.spares_answer and self.commits):
            self.past.add(statement)
            self.refused.append(statement)
            await asyncpg.Connection.execute(connection, _REFUSAL)

    @contextmanager
    def in_request(self) -> Iterator[None]:
        """Refuse statements of the block, until it fails."""
        self.refused, self.commits = [], 0
        self._sent.clear()
        with (
            patch.object(SecuredTransaction, "start", self._starting()),
            patch.object(SecuredTransaction, "commit", self._committing()),
            patch.object(AsyncAdapt_asyncpg_connection, "_prepare", self._preparing()),
            patch.object(ReadConnection, "fetch", self._fetching()),
        ):
            yield

    def _starting(self) -> Callable[..., Awaitable[None]]:
        start = SecuredTransaction.start

        async def refusable(transaction: Any) -> None:
            await self.pass_or_refuse(transaction._connection, f"BEGIN;{transaction._setup_sql}")
            await start(transaction)

        return refusable

    def _committing(self) -> Callable[..., Awaitable[None]]:
        commit = SecuredTransaction.commit

        async def refusable(transaction: Any) -> None:
            try:
                await self.pass_or_refuse(transaction._connection, "COMMIT")
            except asyncpg.DiskFullError:
                await transaction.rollback()  # as PostgreSQL does where it refuses a COMMIT
                raise
            await commit(transaction)
            self.commits += 1

        return refusable

    def _preparing(self) -> Callable[..., Awaitable[Any]]:
        prepare: Any = AsyncAdapt_asyncpg_connection._prepare

        async def refusable(connection: Any, text: str, *arguments: Any) -> Any:
            await self.pass_or_refuse(connection._connection, text)
            return await prepare(connection, text, *arguments)

        return refusable

    def _fetching(self) -> Callable[..., Awaitable[Any]]:
        fetch = ReadConnection.fetch

        async def refusable(connection: Any, text: str, arguments: Any) -> Any:
            await self.pass_or_refuse(connection._driver, text)
            return await fetch(connection, text, arguments)

        return refusable
