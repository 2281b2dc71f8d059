"""Reading and writing of many rows in portions, so that the event loop keeps running."""

from collections.abc import Awaitable, Callable
from typing import Any, Final, TypeVar

from qgp.kit.model import Record
from qgp.kit.work import Work

R = TypeVar("R", bound=Record)
Watch = Callable[[int], Awaitable[None]]  # called with the number of clauses done
PORTION: Final = 100  # rows of a statement


async def unwatched(done: int) -> None:
    """Watch nothing."""


async def read_in_portions(work: Work, statement: Any) -> list[Any]:
    """Return the rows of a statement that selects a column `id`, by that."""
    id = statement.selected_columns.id
    limited = statement.order_by(id).limit(PORTION)
    rows: list[Any] = []
    while True:
        portion = await work.tuples(limited.where(id > rows[-1].id) if rows else limited)
        rows += portion
        if len(portion) < PORTION:
            return rows


async def add_portion(work: Work, rows: list[R]) -> int:
    """Write new rows, empty their list, and return their number."""
    count = len(rows)
    if rows:
        await work.add(*rows)
        await work.seal_audit_notes()
        rows.clear()
    return count
