"""A deadline that costs nothing where nothing has to be waited for.

`asyncio.timeout` takes 3 microseconds, a tenth of a short request, and most bodies are complete
when they are asked for. So the work goes on as far as it can, and the clock starts when it waits.
"""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

from qgp.kit.availability import Availability

T = TypeVar("T")


class DeadlineExceeded(Exception):
    """The deadline has passed, not one that the work set itself."""


async def within(
    seconds: float | None, work: Coroutine[Any, Any, T], availability: Availability | None = None
) -> T:
    """Return what the work comes to, or stop it.

    Args:
        seconds: None for no bound.
        availability: of a database whose loss ends the time, where the work needs one.

    Raises:
        Late: it would have taken longer.
        DatabaseLost: it was lost meanwhile.
    """
    try:
        waited_for = work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    availability = availability or Availability()
    try:
        async with asyncio.timeout(seconds) as clock:
            with availability.stopping(clock):
                return await _Continuation(work, waited_for)
    except TimeoutError as error:
        if clock.expired():
            availability.require()
        raise (DeadlineExceeded() if clock.expired() else error) from None


class _Continuation(Generic[T]):
    """The rest of some work that waits for its first time."""

    def __init__(self, work: Coroutine[Any, Any, T], waited_for: Any) -> None:
        self._work = work
        self._waited_for = waited_for

    def __await__(self) -> Generator[Any, Any, T]:
        """Hand on what the work waits for, and hand back what comes of it."""
        waited_for = self._waited_for
        try:
            while True:
                try:
                    came = yield waited_for
                except BaseException as error:  # noqa: BLE001 the work decides, as under `await`
                    waited_for = self._work.throw(error)
                else:
                    waited_for = self._work.send(came)
        except StopIteration as done:
            result: T = done.value
            return result
