"""Retries of units of work after serialization failures, deadlocks, locks and stale rows.

While an import of 5,000 rows is committed, its organization's writes wait for some seconds, longer
than for one lock.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from qgp.kit.context import Context
from qgp.kit.work import Work

TRIES = 3
_RETRIED = {"40001", "40P01", "55P03"}  # serialization failure, deadlock, lock timeout


async def retried(context: Context, name: str, act: Callable[[Work], Awaitable[UUID]]) -> UUID:
    """Act in a unit of work named after the mutation; retry up to 3 times on a conflict."""
    for retries_left in reversed(range(TRIES)):
        try:
            async with context.unit_of_work(name) as work:
                return await act(work)
        except (DBAPIError, StaleDataError) as error:
            if retries_left == 0 or not _is_transient(error):
                raise
            await asyncio.sleep(random.uniform(0.01, 0.05))  # noqa: S311 - jitter
    raise AssertionError("unreachable")


def _is_transient(error: DBAPIError | StaleDataError) -> bool:
    """Whether the same work may succeed now, because it only lost to a concurrent one."""
    if isinstance(error, StaleDataError):
        return True
    return getattr(error.orig, "sqlstate", None) in _RETRIED
