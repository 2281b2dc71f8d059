"""Commands on root cause analyses and their trees (ISO 9001:2015, 10.2.1 b)."""

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
    """Begin to look for the cause of what a CAPA is about, in its present round.

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
    """Change how an analysis is made, and how sure it is.

    Raises:
        Invalid: it is completed.
    """
    analysis = await work.get_open(RootCauseAnalysis, id, expected_version=expected_version)
    return await work.change(analysis, changes)


async def add_node(
    work: Work, *, analysis_id: UUID, parent_id: UUID | None, **values: Any
) -> CauseNode:
    """Add a cause to a draft's tree.

    Raises:
        Invalid: the analysis is completed or has 500 causes, the parent is of another one, the
            tree would have more than 20 levels, or the position is below 0.
        NotFound: no such analysis or parent in this organization.
    """
    await work.get_open(RootCauseAnalysis, analysis_id, path="analysisId")
    parents = await _parents(work, analysis_id)
    message = f"An analysis has at most {MOST_NODES} causes."
    require_at_most(MOST_NODES, len(parents) + 1, message, "analysisId")
    if parent_id is not None:
        await _hang(work, parents, parent_id, levels=1)
    return await work.add(CauseNode(analysis_id=analysis_id, parent_id=parent_id, **values))


async def change_node(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> CauseNode:
    """Change a cause of a draft, or move it with all that lies below.

    Raises:
        Invalid: the analysis is completed, the new parent is of another one or lies below, the
            tree would have more than 20 levels, or the position is below 0.
        NotFound: no such cause or parent in this organization.
    """
    node = await _node(work, id, expected_version)
    if (parent_id := changes.get("parent_id")) is not None:
        parents = await _parents(work, node.analysis_id)
        await _hang(work, parents, parent_id, levels=_height(parents, id), moved=id)
    return await work.change(node, changes)


async def delete_node(work: Work, *, id: UUID, expected_version: int) -> CauseNode:
    """Take a cause out of a draft's tree; the trail keeps that it was.

    Raises:
        Invalid: the analysis is completed.
        StillInUse: other causes lie below.
    """
    node = await _node(work, id, expected_version)
    if id in (await _parents(work, node.analysis_id)).values():
        raise StillInUse("Causes lie below this one. Move or delete them first.", "id")
    await work.remove(node)
    return node


async def _node(work: Work, id: UUID, expected_version: int) -> CauseNode:
    """Lock the analysis before its node, as whoever adds one does."""
    analysis_id = await work.owner_of(CauseNode.analysis_id, id)
    analysis = await work.get(RootCauseAnalysis, analysis_id, read=READ_ANALYSES)
    node = await work.get(CauseNode, id, expected_version=expected_version, read=READ_NODES)
    analysis.workflow.require_open(analysis, "id")
    return node


async def _parents(work: Work, analysis_id: UUID) -> Parents:
    nodes: Any = sa.select(CauseNode.id, CauseNode.parent_id)
    found = await work.tuples(nodes.where(CauseNode.analysis_id == analysis_id))
    return dict(found)


async def _hang(
    work: Work, parents: Parents, parent_id: UUID, *, levels: int, moved: UUID | None = None
) -> None:
    """Check that a part of `levels` levels may hang below a parent."""
    if parent_id not in parents:
        await work.get(CauseNode, parent_id, path="parentId", read=READ_NODES)
        told = "This cause belongs to another analysis. Choose one of the same."
        raise Invalid(told, "parentId")
    above: UUID | None = parent_id
    while above is not None:
        if above == moved:
            told = "A cause cannot lie below itself. Choose another parent."
            raise Invalid(told, "parentId")
        above, levels = parents[above], levels + 1
    if levels > MOST_LEVELS:
        told = f"A tree of causes has at most {MOST_LEVELS} levels. Hang it higher."
        raise Invalid(told, "parentId")


def _height(parents: Parents, id: UUID) -> int:
    """Return how many levels hang from a node, itself included."""
    level, height = {id}, 0
    while level:
        height += 1
        level = {child for child, parent in parents.items() if parent in level}
    return height
