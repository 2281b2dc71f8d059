"""Reader: statements of one operation, run one at a time on one session."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit.policy import Principal
from qgp.kit.sql_statement import SqlStatement


class Reader:
    """Runner of reads on one session; an AsyncSession runs one statement at a time."""

    def __init__(self, session: AsyncSession, caller: Principal) -> None:
        self.session, self.caller = session, caller
        self._lock = asyncio.Lock()
        self._under_way: set[asyncio.Task[Sequence[Any]]] = set()
        self._is_over = False

    async def rows(self, statement: sa.Select[Any]) -> Sequence[Any]:
        """Run one statement and return its first column."""
        return [row[0] for row in await self.tuples(statement)]

    async def tuples(
        self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        """Run one statement with the values of its parameters and return its rows.

        The statement continues when the field that started it is cancelled: other fields share the
        session, which an interrupted statement would make unusable.
        """
        return await self._shielded(partial(self._execute, statement, parameters))

    async def compiled(
        self, statement: SqlStatement, parameters: Mapping[str, Any]
    ) -> Sequence[Any]:
        """Run one compiled statement and return its rows, as the driver does; see `tuples`."""
        return await self._shielded(partial(self._execute_compiled, statement, parameters))

    async def _shielded(self, run: Callable[[], Awaitable[Sequence[Any]]]) -> Sequence[Any]:
        task = asyncio.ensure_future(self._run(run))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)
        return await asyncio.shield(task)

    async def end(self, *, at_once: bool = False) -> None:
        """Refuse further statements; cancel the running one (`at_once`), or wait for it."""
        self._is_over = True
        if at_once:
            for task in self._under_way:
                task.cancel()
        async with self._lock:
            pass

    async def _run(self, run: Callable[[], Awaitable[Sequence[Any]]]) -> Sequence[Any]:
        async with self._lock:
            self._require_open()
            return await run()

    async def _execute(
        self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None
    ) -> Sequence[Any]:
        rows: Sequence[Any] = (await self.session.execute(statement, parameters)).all()
        return rows

    async def _execute_compiled(
        self, statement: SqlStatement, parameters: Mapping[str, Any]
    ) -> Sequence[Any]:
        connection, values = await self.session.connection(), statement.arguments(parameters)
        rows: Sequence[Any] = (
            await connection.exec_driver_sql(statement.text, tuple(values))
        ).all()
        return rows

    def _require_open(self) -> None:
        if self._is_over:
            raise asyncio.CancelledError  # the field was cancelled
