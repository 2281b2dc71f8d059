"""Create and change records whose only rules are columns and constraints."""

from functools import cache, partial
from typing import Any
from uuid import UUID

from qgp.kit.hierarchy import keep_a_tree
from qgp.kit.model import Record
from qgp.kit.work import Act, Work


@cache
def create(model: type[Record]) -> Act:
    """Return the service function that creates a record of the model.

    A record with a workflow starts in its initial state, where there is only one.
    """
    return partial(_create, model)


@cache
def change(model: type[Record]) -> Act:
    """Return the service function that changes a record of the model.

    It raises Invalid where a record of a hierarchy would become its own descendant, or where the
    record is in a closed state of its workflow.
    """
    return partial(_change, model)


async def _create(model: type[Record], work: Work, **values: Any) -> Record:
    workflow = getattr(model, "workflow", None)
    if workflow is not None and len(workflow.starts) == 1:
        values.setdefault("status", *workflow.starts)
    return await work.add(model(**values))


async def _change(
    model: type[Record], work: Work, *, id: UUID, expected_version: int, **changes: Any
) -> Record:
    if "parent_id" in changes:
        await keep_a_tree(work, model, id, changes["parent_id"])
    get = work.get_open if hasattr(model, "workflow") else work.get
    record = await get(model, id, expected_version=expected_version)
    return await work.change(record, changes)
