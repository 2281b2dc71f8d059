"""Time limit of the running request, which a long operation may extend."""

import asyncio
from contextvars import ContextVar

_TIMEOUT: ContextVar[asyncio.Timeout | None] = ContextVar("time_limit", default=None)


class TimeLimit:
    """Timeout that a block may extend."""

    __slots__ = ("_timeout", "_token")

    def __init__(self, timeout: asyncio.Timeout) -> None:
        self._timeout = timeout

    def __enter__(self) -> None:
        """Begin the block."""
        self._token = _TIMEOUT.set(self._timeout)

    def __exit__(self, *_: object) -> None:
        """End the block."""
        _TIMEOUT.reset(self._token)


def extend(seconds: float) -> None:
    """Let the running request take so many seconds from now on, unless it may take longer."""
    timeout = _TIMEOUT.get()
    if timeout is not None and (end := timeout.when()) is not None:
        timeout.reschedule(max(end, asyncio.get_running_loop().time() + seconds))
