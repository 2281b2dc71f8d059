"""How many SQL statements an operation runs; the access log tells, so that nobody has to guess."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass
class Count:
    """Statements sent so far; what begins and ends a transaction is none."""

    statements: int = 0


@dataclass(frozen=True)
class SentStatement:
    """A statement that was sent, for those who ask how they were answered."""

    text: str
    rows: int
    ms: float


_current: ContextVar[Count | None] = ContextVar("_current", default=None)


def watch(engine: AsyncEngine) -> None:
    """Count what the engine's connections execute."""
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: add())


@contextmanager
def counted() -> Iterator[Count]:
    """Count what runs within the block and the tasks it starts."""
    count = Count()
    token = _current.set(count)
    try:
        yield count
    finally:
        _current.reset(token)


def add() -> None:
    """Count a statement that reaches the driver some other way."""
    if count := _current.get():
        count.statements += 1
