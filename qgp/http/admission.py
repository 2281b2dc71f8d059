"""Admission: queues for what a process has little of, fair among principals.

| Queue | Admits | Of these, one principal |
|---|---|---|
| light reads | planned reads below HEAVY_COST | most, since 64 of them share a statement |
| executions | mutations until they commit, and reads by resolvers: each holds a connection | half |
| heavy operations | HEAVY_COST and more, which delay all others; equal reads count as one | one |
| live events | executions of a subscription for one event | half |
| anonymous operations | sign-in, among others | by address |
| new documents | parsing, measuring and validating, some milliseconds at once | one |

A request waits in one queue at a time, so no queue holds up another; sign-in and health checks
share no queue with signed-in users.
"""

import asyncio
from dataclasses import dataclass, field

from qgp.kit.fair_queue import Bounds, FairQueue, Requester

HEAVY_AT_ONCE = 2
ANONYMOUS_AT_ONCE = 10


@dataclass(frozen=True, kw_only=True)
class AdmissionLimits:
    """Limits of admission, in total and by principal; each number is a setting.

    Attributes:
        total: requests that run at once (MAX_IN_FLIGHT).
        per_user: of these, of one user (MAX_IN_FLIGHT_PER_USER).
        per_address: of these, from one address (MAX_IN_FLIGHT_PER_ADDRESS).
        waiting: waiting requests of one user (MAX_WAITING_PER_USER).
        seconds: time that they wait (MAX_WAITING_SECONDS).
        connections: operations that may hold a connection of the pool (POOL_SIZE).
        heavy_cost: points from which an operation is heavy (HEAVY_COST).
    """

    total: int = 100
    per_user: int = 64
    per_address: int = 80
    waiting: int = 100
    seconds: float = 5
    connections: int = 10
    heavy_cost: int = 1_000

    def bounds(self, total: int, per_principal: int, per_address: int) -> Bounds:
        """Return the bounds of one queue; no principal's bound exceeds the total."""
        return Bounds(
            total=total,
            per_principal=max(1, min(total, per_principal)),
            per_address=max(1, min(total, per_address)),
            waiting=self.waiting,
            seconds=self.seconds,
        )


@dataclass(frozen=True)
class Admission:
    """Admission queues of one process."""

    limits: AdmissionLimits = field(default_factory=AdmissionLimits)
    light: FairQueue = field(init=False)
    executions: FairQueue = field(init=False)
    heavy: FairQueue = field(init=False)
    events: FairQueue = field(init=False)
    anonymous: FairQueue = field(init=False)
    documents: FairQueue = field(init=False)

    def __post_init__(self) -> None:
        limits = self.limits
        executions = max(1, limits.connections - HEAVY_AT_ONCE)
        bounds = {
            "light": (limits.total, limits.per_user, limits.per_address),
            "executions": (executions, executions // 2, executions * 3 // 4),
            "heavy": (HEAVY_AT_ONCE, 1, HEAVY_AT_ONCE),
            "anonymous": (ANONYMOUS_AT_ONCE, ANONYMOUS_AT_ONCE // 2, ANONYMOUS_AT_ONCE // 2),
            "documents": (1, 1, 1),
        }
        for name, numbers in bounds.items():
            object.__setattr__(self, name, FairQueue(limits.bounds(*numbers)))
        at_once = max(1, executions // 2)  # an event waits as long as it has to
        object.__setattr__(
            self, "events", FairQueue(Bounds(total=at_once, per_principal=max(1, at_once // 2)))
        )

    @property
    def queues(self) -> dict[str, FairQueue]:
        """Every queue by its name, for metrics."""
        names = ("light", "executions", "heavy", "events", "anonymous", "documents")
        return {name: getattr(self, name) for name in names}

    def for_read(self, cost: int) -> FairQueue:
        """Return the queue of a planned read."""
        return self.light if cost < self.limits.heavy_cost else self.heavy

    def for_execution(self, cost: int) -> FairQueue:
        """Return the queue of an operation that is executed by the resolvers."""
        return self.executions if cost < self.limits.heavy_cost else self.heavy

    async def admit_document(self, requester: Requester) -> None:
        """Wait until a new document may be parsed: one in each iteration of the event loop.

        Raises:
            RateLimited: too many documents of the caller wait already.
        """
        await self.documents.enter(requester)
        asyncio.get_running_loop().call_soon(self.documents.leave, requester)

    def admit_document_now(self, requester: Requester) -> bool:
        """Whether a new document may be parsed without waiting; True admits it."""
        if not self.documents.enter_now(requester):
            return False
        asyncio.get_running_loop().call_soon(self.documents.leave, requester)
        return True
