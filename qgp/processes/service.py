"""Commands on the process map (ISO 9001:2015, 4.4)."""

from typing import Any
from uuid import UUID

from qgp.kit.trees import keep_a_tree
from qgp.kit.work import Work
from qgp.processes.model import Process

_BELOW_ITSELF = "A process cannot be part of itself. Choose another parent."


async def create(work: Work, **values: Any) -> Process:
    """Add a process.

    Raises:
        AlreadyExists: another one has the code.
        NotFound: it points at something that is not in this organization.
    """
    return await work.add(Process(**values))


async def change(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Process:
    """Change a process, or its place in the map.

    Raises:
        AlreadyExists: another one has the code.
        Invalid: it would become part of itself.
        NotFound: it points at something that is not in this organization.
    """
    await keep_a_tree(work, Process, id, changes.get("parent_id"), _BELOW_ITSELF)
    process = await work.get(Process, id, expected_version=expected_version)
    return await work.change(process, changes)
