"""Hierarchies of records: no record is its own ancestor."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid
from qgp.kit.model import Record, check
from qgp.kit.names import snake
from qgp.kit.work import Work


def tree(kind: str) -> sa.CheckConstraint:
    """Declare that no record is its own parent; `kind` names the record in the refusal."""
    return check("tree", "parent_id <> id", below_itself(kind))


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
    tree = sa.select(kind.id, kind.parent_id).order_by(kind.id).with_for_update()
    above: dict[UUID, UUID | None] = dict(await work.tuples(tree))
    place: UUID | None = parent_id
    while place is not None:
        if place == id:
            raise below_itself(snake(model.__name__).replace("_", " "))
        place = above.get(place)
