"""Time limit of the running request, which a long operation may extend."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_TIMEOUT: ContextVar[asyncio.Timeout | None] = ContextVar("time_limit", default=None)


@contextmanager
def limited_by(timeout: asyncio.Timeout) -> Iterator[None]:
    """Let the block extend a timeout."""
    token = _TIMEOUT.set(timeout)
    try:
        yield
    finally:
        _TIMEOUT.reset(token)


def extend(seconds: float) -> None:
    """Let the running request take so many seconds from now on, unless it may take longer."""
    timeout = _TIMEOUT.get()
    if timeout is not None and (end := timeout.when()) is not None:
        timeout.reschedule(max(end, asyncio.get_running_loop().time() + seconds))
