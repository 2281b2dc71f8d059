"""Hierarchies of records: no record is its own ancestor."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid
from qgp.kit.model import Record
from qgp.kit.names import snake
from qgp.kit.row_locks import locked
from qgp.kit.work import Work

_LOCK = 0x616379  # namespace of the advisory locks on columns without cycles


def below_itself(kind: str) -> Invalid:
    """Return the refusal of a parent that is the record itself or below it."""
    message = f"This parent is the {kind} itself or below it. Choose another parent."
    return Invalid(message, "parentId")


async def keep_a_tree(work: Work, model: type[Record], id: UUID, parent_id: UUID | None) -> None:
    """Refuse a new parent that lies below the record; all rows are locked, in order of id.

    Args:
        work: the unit of work.
        model: has a column `parent_id`.
        id: the record that moves.
        parent_id: its new parent; None for the top.

    Raises:
        Invalid: the new parent is the record itself or below it.
    """
    if parent_id is None:
        return
    kind: Any = model
    tree = locked(sa.select(kind.id, kind.parent_id).order_by(kind.id))
    above: dict[UUID, UUID | None] = dict(await work.tuples(tree))
    place: UUID | None = parent_id
    while place is not None:
        if place == id:
            raise below_itself(snake(model.__name__).replace("_", " "))
        place = above.get(place)


async def keep_acyclic(work: Work, column: Any, id: UUID, target: UUID, error: Invalid) -> None:
    """Refuse a reference that leads back to its record, directly or through other records.

    Changes of the column in the organization wait for each other: two could close a cycle together.

    Args:
        work: the unit of work.
        column: refers to records of its own table.
        id: the record that is to refer to another one.
        target: the other one.
        error: the refusal.

    Raises:
        Invalid: the target is the record itself, or leads to it.
    """
    kind: Any = column.class_
    name = f"{work.caller.organization_id} {kind.__tablename__}.{column.key}"
    key = sa.func.hashtextextended(name, _LOCK)
    await work.rows(sa.select(sa.func.pg_advisory_xact_lock(key)))
    reached = sa.select(sa.literal(target, sa.Uuid).label("id")).cte("reached", recursive=True)
    onward = sa.select(column).join(reached, kind.id == reached.c.id).where(column.is_not(None))
    reached = reached.union(onward)
    if await work.rows(sa.select(reached.c.id).where(reached.c.id == id)):
        raise error
