"""Shadow mode: now and then the reference runs beside a plan, and a plan that differs is given up.

Rows may change between two reads, so only what differs twice from a plan that stays the same
counts. The client never waits for it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from qgp.engine.engine import Engine
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import SignedIn

ResolverPath = Callable[[Operation, Mapping[str, Any], SignedIn], Awaitable[bytes | None]]
_log = structlog.get_logger(__name__)


class Shadow:
    """An engine whose answers are compared with the reference's.

    Args:
        reference: the JSON of `data` as graphql-core makes it; None where it has errors.
        one_in: how many planned answers there are for each that is compared.
    """

    def __init__(self, engine: Engine, resolver_path: ResolverPath, *, one_in: int) -> None:
        self._engine, self._resolver_path, self._one_in = engine, resolver_path, one_in
        self._count = 0
        self._tasks: set[asyncio.Task[None]] = set()

    def at_hand(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> Answered | None:
        """Answer what reads nothing as the engine does."""
        return self._engine.at_hand(operation, variables, signed_in)

    async def read(
        self,
        operation: Operation,
        variables: Mapping[str, Any],
        signed_in: SignedIn,
        *,
        explain: bool = False,
    ) -> Answered | None:
        """Answer as the engine does, and compare now and then."""
        answered = await self._engine.read(operation, variables, signed_in, explain=explain)
        if answered is not None and answered.data is not None:
            self._count += 1
            if self._count % self._one_in == 0:
                task = asyncio.ensure_future(
                    self._looked(operation, variables, signed_in, answered.data)
                )
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        return answered

    async def settled(self) -> None:
        """Wait for the comparisons under way."""
        while self._tasks:
            await asyncio.gather(*self._tasks)

    async def _looked(self, *asked: Any) -> None:
        try:
            await self._compare(*asked)
        except Exception:  # noqa: BLE001 nobody waits for it
            self._engine.counts["shadow: failed"] += 1
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
                counts["shadow: agreed"] += 1
                return
            again = await self._engine.read(operation, variables, signed_in)
            if again is None or again.data != data:
                counts["shadow: rows changed"] += 1
                return
        counts["shadow: differed"] += 1
        self._engine.give_up(operation)
        _log.error("plan_differs", document_hash=operation.sha256, operation=operation.name)
