"""Deadlines of coroutines, started only when the coroutine first waits.

`asyncio.timeout` takes 3 microseconds, a tenth of a short request, and most bodies have arrived
when they are read. So the coroutine runs as far as it can before the timeout starts.
"""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

from qgp.kit.availability import Availability
from qgp.kit.time_limit import TimeLimit

T = TypeVar("T")


class DeadlineExceeded(Exception):
    """The deadline of `within` has passed, not a timeout of the coroutine's own."""


async def within(
    seconds: float | None, work: Coroutine[Any, Any, T], availability: Availability | None = None
) -> T:
    """Return the result of a coroutine, or cancel it at the deadline.

    Args:
        seconds: time limit; None for none.
        availability: availability of the database that the coroutine needs, whose loss cancels it.

    Raises:
        DeadlineExceeded: the time limit was reached.
        DatabaseLost: the database was lost meanwhile.
    """
    try:
        waited_for = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    availability = availability or Availability()
    try:
        async with asyncio.timeout(seconds) as clock:
            with availability.stopping(clock), TimeLimit(clock):
                return await _Continuation(work, waited_for)
    except TimeoutError as error:
        if clock.expired():
            availability.require()
        raise (DeadlineExceeded() if clock.expired() else error) from None


class _Continuation(Generic[T]):
    """Rest of a coroutine that waits for the first time."""

    def __init__(self, work: Coroutine[Any, Any, T], waited_for: Any) -> None:
        self._work = work
        self._waited_for = waited_for

    def __await__(self) -> Generator[Any, Any, T]:
        """Yield what the coroutine waits for, and send it the results."""
        waited_for = self._waited_for
        try:
            while True:
                try:
                    value = yield waited_for
                except BaseException as error:  # noqa: BLE001 the coroutine decides, as under `await`
                    waited_for = self._work.throw(error)
                else:
                    waited_for = self._work.send(value)
        except StopIteration as done:
            result: T = done.value
            return result
