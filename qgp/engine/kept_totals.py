"""Kept totals: the number of a listing's rows, until anything is committed to the database.

To count takes longer than to read the page. A total is kept with the snapshot that it was counted
in: the set of transactions whose changes it sees. The statement that reads the page counts again
unless its own snapshot is the same, so a kept total is the one that it would have counted.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.sql import visitors
from sqlalchemy.sql.functions import FunctionElement

from qgp.engine.scalars import literal
from qgp.engine.snapshot import SNAPSHOT

_TIMELESS = {"any", "array", "coalesce", "concat", "count", "lower", "unnest", "upper"}
Kept = tuple[str, int]  # the snapshot, and the total


class KeptTotals:
    """The totals of one bound query, by the index of the listing's arguments."""

    def __init__(self) -> None:
        self._kept: dict[int, Kept] = {}

    def at(self, index: int) -> Kept:
        """Return the snapshot and the total of a listing; no snapshot if there is none."""
        return self._kept.get(index, ("", 0))

    def keep(self, index: int, kept: Kept) -> None:
        """Keep the total of a listing, in place of the one before."""
        self._kept[index] = kept


def is_timeless(count: sa.Select[Any]) -> bool:
    """Whether a count can only change with what is committed, and not by time alone."""
    parts = visitors.iterate(count)
    return all(part.name in _TIMELESS for part in parts if isinstance(part, FunctionElement))


def kept_parameter(index: int) -> str:
    """Return the name of the parameter for the snapshot of a kept total."""
    return f"kept{index}"


def counted_unless_kept(count: sa.Select[Any], index: int) -> sa.ColumnElement[str | None]:
    """Return SQL for a total and its snapshot; null if the kept total is of this snapshot."""
    kept = sa.bindparam(kept_parameter(index), type_=sa.Text)
    counted = sa.func.concat(count.scalar_subquery(), literal(" "), SNAPSHOT, type_=sa.Text)
    return sa.select(sa.case((kept == SNAPSHOT, sa.null()), else_=counted)).scalar_subquery()


def parse_counted(text: str) -> Kept:
    """Return the snapshot and the total that `counted_unless_kept` wrote."""
    total, _, snapshot = text.partition(" ")
    return snapshot, int(total)
