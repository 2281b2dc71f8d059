"""Shadow mode: one in so many planned answers is compared with the resolvers'.

Rows may change between two reads, so an answer counts as different only if it differs twice while
the plan's own answer stays the same. Clients do not wait for the comparison.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping
from typing import Any

import structlog

from qgp.engine.engine import SHADOW, Engine
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import SignedIn

ResolverPath = Callable[[Operation, Mapping[str, Any], SignedIn], Awaitable[bytes | None]]
_log = structlog.get_logger(__name__)


class Shadow:
    """An engine whose answers are compared with those of the resolver path.

    Args:
        resolver_path: returns the JSON of `data` as graphql-core makes it; None with errors.
        one_in: planned answers for each one that is compared.
    """

    def __init__(self, engine: Engine, resolver_path: ResolverPath, *, one_in: int) -> None:
        self._engine, self._resolver_path, self._one_in = engine, resolver_path, one_in
        self._answer_count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def read_without_io(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> Answered | None:
        """Answer a query that reads no row as the engine does."""
        return self._engine.read_without_io(operation, variables, signed_in)

    def execution_key(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> Hashable | None:
        """Return the engine's key of a query."""
        return self._engine.execution_key(operation, variables, signed_in)

    async def read(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        *,
        explain: bool = False,
    ) -> Answered | None:
        """Answer as the engine does, and compare one in so many answers."""
        answered = await self._engine.read(operation, variables, signed_in, explain=explain)
        if answered is not None and answered.data is not None:
            self._answer_count += 1
            if self._answer_count % self._one_in == 0:
                comparison = self._try_compare(operation, variables, signed_in, answered.data)
                task = asyncio.ensure_future(comparison)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return answered

    async def wait_for_comparisons(self) -> None:
        """Wait for the comparisons that have begun."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _try_compare(self, *arguments: Any) -> None:
        try:
            await self._compare(*arguments)
        except Exception:  # noqa: BLE001 no request waits for it
            self._engine.counts[f"{SHADOW}failed"] += 1
            _log.warning("shadow_failed", exc_info=True)

    async def _compare(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        data: bytes,
    ) -> None:
        counts = self._engine.counts
        for _ in range(2):
            if await self._resolver_path(operation, variables, signed_in) == data:
                counts[f"{SHADOW}agreed"] += 1
                return
            repeated = await self._engine.read(operation, variables, signed_in)
            if repeated is None or repeated.data != data:
                counts[f"{SHADOW}rows changed"] += 1
                return
        counts[f"{SHADOW}differed"] += 1
        self._engine.disable(operation)
        _log.error("plan_differs", document_hash=operation.sha256, operation=operation.name)
