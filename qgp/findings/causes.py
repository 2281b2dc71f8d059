"""Commands on the tree of cause categories."""

from typing import Any
from uuid import UUID

from qgp.findings.model import CauseCategory
from qgp.kit.trees import keep_a_tree
from qgp.kit.work import Work

_BELOW_ITSELF = "A category cannot lie below itself. Choose another parent."


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
    await keep_a_tree(work, CauseCategory, id, changes.get("parent_id"), _BELOW_ITSELF)
    category = await work.get(CauseCategory, id, expected_version=expected_version)
    return await work.change(category, changes)
