"""Open work of a user: records assigned to them that have not ended, counted and handed over."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.assignment import OpenIn, assignments, require_assignable
from qgp.kit.errors import Invalid
from qgp.kit.loader import Reads
from qgp.kit.model import Record, records
from qgp.kit.policy import Permission
from qgp.kit.row_locks import locked
from qgp.kit.sql_dates import applies
from qgp.kit.work import Work

HandOver = Callable[[Work, Any, UUID, str], Awaitable[None]]
F = TypeVar("F", bound=HandOver)


@dataclass(frozen=True)
class OpenWorkCount:
    """Number of open records of one kind."""

    kind: str
    count: int


@dataclass(frozen=True, eq=False)
class OpenWork:
    """Loader of the numbers of open records of a user, by the name of their kind.

    Attributes:
        read: the permission that the caller must hold; its roles see every record.
    """

    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[dict[str, int]]:
        """Return the numbers of each user, without zeros, in the order of the keys."""
        counts: dict[UUID, dict[str, int]] = {key: {} for key in keys}
        rows: Any = sa.union_all(*[_count(kind, keys) for kind in _kinds()]).subquery()
        for user_id, kind, number in await reads.tuples(sa.select(rows)):
            counts[user_id][kind] = number
        return [dict(sorted(counts[key].items())) for key in keys]


@cache
def _kinds() -> Sequence[type[Record]]:
    """Return the kinds of record that can be open work, by table."""
    return [kind for _, kind in sorted(records().items()) if _columns(kind)]


def open_work_kinds() -> Sequence[str]:
    """Return the names of the kinds of record that can be open work."""
    return sorted(kind.__name__ for kind in _kinds())


def _columns(kind: type[Record]) -> Mapping[str, OpenIn]:
    rules = assignments(kind).items()
    return {name: rule.open_in for name, rule in rules if rule.open_in is not None}


def _count(kind: type[Record], user_ids: Collection[UUID]) -> Any:
    """Count the open records of each user; one that names the user twice counts once."""
    rows = []
    for name, open_in in _columns(kind).items():
        column = getattr(kind, name)
        columns: tuple[Any, ...] = (column.label("user_id"), kind.id.label("id"))
        rows.append(sa.select(*columns).where(column.in_(user_ids), applies(kind, open_in)))
    table = sa.union(*rows).subquery(f"open_{kind.__tablename__}")
    kind_name = sa.literal(kind.__name__, sa.Text)
    counts: tuple[Any, ...] = (table.c.user_id, kind_name, sa.func.count())
    return sa.select(*counts).group_by(table.c.user_id)


_HAND_OVERS: dict[type[Record], HandOver] = {}


def hand_over_of(kind: type[Record]) -> Callable[[F], F]:
    """Declare the function that hands over an open record, where setting its column is not enough.

    It takes the unit of work, the locked record, the successor's id and the path of the input.
    """

    def declare(act: F) -> F:
        _HAND_OVERS[kind] = act
        return act

    return declare


async def reassign(work: Work, former_id: UUID, successor_id: UUID, path: str) -> None:
    """Hand over the open work of a user to another; `path` locates the successor in the input.

    Raises:
        NotFound, Invalid: the successor cannot be assigned to records, is the same user, or may
            not have one of the records.
    """
    if successor_id == former_id:
        message = "The user cannot take over their own open work. Choose another user."
        raise Invalid(message, path)
    await require_assignable(work, successor_id, path)
    for kind in _kinds():
        for row in await work.rows(_open_rows(kind, former_id)):
            if act := _HAND_OVERS.get(kind):
                await act(work, row, successor_id, path)
            else:
                _name_successor(row, former_id, successor_id)
        await work.flush()


def _open_rows(kind: type[Record], user_id: UUID) -> sa.Select[Any]:
    conditions = [
        sa.and_(getattr(kind, name) == user_id, applies(kind, open_in))
        for name, open_in in _columns(kind).items()
    ]
    rows = locked(sa.select(kind).where(sa.or_(*conditions)).order_by(kind.id))
    return rows.execution_options(populate_existing=True)


def _name_successor(row: Record, former_id: UUID, successor_id: UUID) -> None:
    for name in _columns(type(row)):
        if getattr(row, name) == former_id:
            setattr(row, name, successor_id)
