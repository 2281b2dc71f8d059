"""Counter of the SQL statements of an operation, for the access log and tests."""

from contextvars import ContextVar, Token
from dataclasses import dataclass

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class Count:
    """Number of statements sent within a block so far, without BEGIN, COMMIT and ROLLBACK."""

    __slots__ = ("_token", "statements")
    _token: Token["Count | None"]

    def __init__(self) -> None:
        self.statements = 0

    def __enter__(self) -> "Count":
        """Begin the block."""
        self._token = _current.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        """End the block."""
        _current.reset(self._token)


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


def counted() -> Count:
    """Count the statements of a `with` block and of the tasks that it starts."""
    return Count()


def add() -> None:
    """Count a statement that bypasses the engine's events."""
    if count := _current.get():
        count.statements += 1
