"""Commands on root cause analyses and their cause trees (ISO 9001:2015, 10.2.1 b)."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.capas.model import Capa, CauseNode, RootCauseAnalysis
from qgp.capas.model.terms import AnalysisStatus
from qgp.capas.policy import READ_ANALYSES, READ_NODES
from qgp.kit.errors import Invalid, StillInUse, require_at_most
from qgp.kit.work import Work

MOST_LEVELS = 20
MOST_NODES = 500
Parents = dict[UUID, UUID | None]


async def create(work: Work, *, capa_id: UUID, **values: Any) -> RootCauseAnalysis:
    """Create a root cause analysis in the present round of a CAPA.

    Raises:
        Invalid: the CAPA has ended.
        NotFound: it is not visible to the caller.
    """
    capa = await work.get_open(Capa, capa_id, path="capaId")
    return await work.add(
        RootCauseAnalysis(capa_id=capa_id, round=capa.round, status=AnalysisStatus.DRAFT, **values)
    )


async def change(
    work: Work, *, id: UUID, expected_version: int, **changes: Any
) -> RootCauseAnalysis:
    """Change the method of an analysis, or the confidence in its root causes.

    Raises:
        Invalid: it is completed.
    """
    analysis = await work.get_open(RootCauseAnalysis, id, expected_version=expected_version)
    return await work.change(analysis, changes)


async def add_node(
    work: Work, *, analysis_id: UUID, parent_id: UUID | None, **values: Any
) -> CauseNode:
    """Add a node to the cause tree of a draft.

    Raises:
        Invalid: the analysis is completed or has 500 nodes, the parent belongs to another
            analysis, the tree would have more than 20 levels, or the position is below 0.
        NotFound: no such analysis or parent in this organization.
    """
    await work.get_open(RootCauseAnalysis, analysis_id, path="analysisId")
    parents = await _parents(work, analysis_id)
    message = (
        f"This root cause analysis has {len(parents)} causes, and it has at most {MOST_NODES}. "
        "Delete a cause first (causeNodeDelete)."
    )
    require_at_most(MOST_NODES, len(parents) + 1, message, "analysisId")
    if parent_id is not None:
        await _check_parent(work, parents, parent_id, levels=1)
    return await work.add(CauseNode(analysis_id=analysis_id, parent_id=parent_id, **values))


async def change_node(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> CauseNode:
    """Change a node of a draft, or move its subtree.

    Raises:
        Invalid: the analysis is completed, the new parent belongs to another analysis or to the
            subtree, the tree would have more than 20 levels, or the position is below 0.
        NotFound: no such node or parent in this organization.
    """
    node = await _node(work, id, expected_version)
    if (parent_id := changes.get("parent_id")) is not None:
        parents = await _parents(work, node.analysis_id)
        await _check_parent(work, parents, parent_id, levels=_height(parents, id), moved=id)
    return await work.change(node, changes)


async def delete_node(work: Work, *, id: UUID, expected_version: int) -> CauseNode:
    """Delete a node without children from the cause tree of a draft.

    Raises:
        Invalid: the analysis is completed.
        StillInUse: the node has children.
    """
    node = await _node(work, id, expected_version)
    if id in (await _parents(work, node.analysis_id)).values():
        raise StillInUse("This cause has child causes. Move or delete them first.", "id")
    await work.remove(node)
    return node


async def _node(work: Work, id: UUID, expected_version: int) -> CauseNode:
    """Lock the analysis before its node, in the order of `add_node`, and return the node."""
    analysis_id = await work.owner_of(CauseNode.analysis_id, id)
    analysis = await work.get(RootCauseAnalysis, analysis_id, read=READ_ANALYSES)
    node = await work.get(CauseNode, id, expected_version=expected_version, read=READ_NODES)
    analysis.workflow.require_open(analysis, "id")
    return node


async def _parents(work: Work, analysis_id: UUID) -> Parents:
    nodes: Any = sa.select(CauseNode.id, CauseNode.parent_id)
    rows = await work.tuples(nodes.where(CauseNode.analysis_id == analysis_id))
    return dict(rows)


async def _check_parent(
    work: Work, parents: Parents, parent_id: UUID, *, levels: int, moved: UUID | None = None
) -> None:
    """Check that a subtree of `levels` levels, `moved` its root, may be placed below a parent."""
    if parent_id not in parents:
        await work.get(CauseNode, parent_id, path="parentId", read=READ_NODES)
        message = "The parent belongs to another root cause analysis. Choose a cause of this one."
        raise Invalid(message, "parentId")
    above: UUID | None = parent_id
    while above is not None:
        if above == moved:
            message = "A cause cannot be its own ancestor. Choose a parent outside its subtree."
            raise Invalid(message, "parentId")
        above, levels = parents[above], levels + 1
    if levels > MOST_LEVELS:
        message = (
            f"The cause tree would have {levels} levels, and it has at most {MOST_LEVELS}. Choose "
            "a parent nearer to the top level."
        )
        raise Invalid(message, "parentId")


def _height(parents: Parents, id: UUID) -> int:
    """Return the number of levels of a node's subtree, the node included."""
    level, height = {id}, 0
    while level:
        height += 1
        level = {child for child, parent in parents.items() if parent in level}
    return height
