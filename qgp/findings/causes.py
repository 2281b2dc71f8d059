"""Commands on the tree of cause categories."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.findings.model import CauseCategory
from qgp.kit.context import Work
from qgp.kit.errors import Invalid


async def create(work: Work, **values: Any) -> CauseCategory:
    """Add a cause category.

    Raises:
        AlreadyExists: another one has the code.
    """
    return await work.add(CauseCategory(**values))


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> CauseCategory:
    """Change a cause category.

    Raises:
        AlreadyExists: another one has the code.
        Invalid: it would lie below itself.
    """
    if changes.get("parent_id") is not None:
        await _keep_a_tree(work, id, changes["parent_id"])
    category = await work.get(CauseCategory, id, expected_version=expected_version)
    return await work.change(category, changes)


async def _keep_a_tree(work: Work, id: UUID, parent_id: UUID) -> None:
    """Climb from the new parent; all rows are locked in one order, so one move waits for another.

    Raises:
        Invalid: the climb leads to the category itself.
    """
    tree: Any = sa.select(CauseCategory.id, CauseCategory.parent_id)
    tree = tree.order_by(CauseCategory.id).with_for_update()
    above: dict[UUID, UUID | None] = dict(await work.tuples(tree))
    place: UUID | None = parent_id
    while place is not None:
        if place == id:
            told = "A category cannot lie below itself. Choose another parent."
            raise Invalid(told, "parentId")
        place = above.get(place)
