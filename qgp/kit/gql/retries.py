"""Units of work that are tried again where another one was in the way."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from qgp.kit.context import Context
from qgp.kit.work import Work

TRIES = 3
_RETRIED = {"40001", "40P01"}  # serialization failure, deadlock


async def retried(context: Context, name: str, act: Callable[[Work], Awaitable[UUID]]) -> UUID:
    """Act in a unit of work named after the mutation, again where another's was in the way."""
    for left in reversed(range(TRIES)):
        try:
            async with context.unit_of_work(name) as work:
                return await act(work)
        except (DBAPIError, StaleDataError) as lost:
            if left == 0 or not _is_passing(lost):
                raise
            await asyncio.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - jitter
    raise AssertionError("unreachable")


def _is_passing(lost: DBAPIError | StaleDataError) -> bool:
    """Say whether the same work may succeed now: it met another's, and lost."""
    if isinstance(lost, StaleDataError):
        return True
    return getattr(lost.orig, "sqlstate", None) in _RETRIED
