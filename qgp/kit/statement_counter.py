"""Counter of the SQL statements of an operation, for the access log and tests."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


@dataclass
class Count:
    """Number of statements sent so far, without BEGIN, COMMIT and ROLLBACK."""

    statements: int = 0


@dataclass(frozen=True)
class SentStatement:
    """Statement that was sent, with its rows and duration in milliseconds, for `explain`."""

    text: str
    rows: int
    ms: float


_current: ContextVar[Count | None] = ContextVar("_current", default=None)


def watch(engine: AsyncEngine) -> None:
    """Count the statements of the engine's connections."""
    event.listen(engine.sync_engine, "before_cursor_execute", lambda *_: add())


@contextmanager
def counted() -> Iterator[Count]:
    """Count the statements of the block and of the tasks that it starts."""
    count = Count()
    token = _current.set(count)
    try:
        yield count
    finally:
        _current.reset(token)


def add() -> None:
    """Count a statement that bypasses the engine's events."""
    if count := _current.get():
        count.statements += 1
