"""GraphQL types of root cause analyses and their cause trees."""

from datetime import date

from qgp.capas import model, policy, workflow
from qgp.capas.loaders import (
    analysis_by_id,
    capa_by_id,
    cause_node_by_id,
    cause_nodes,
)
from qgp.capas.model.terms import (
    AnalysisConfidence,
    AnalysisMethod,
    AnalysisStatus,
    CauseNodeCategory,
    CauseNodeKind,
)
from qgp.capas.refs import CapaRef, CauseNodeRef, RootCauseAnalysisRef
from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    SORT,
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    listing,
    record,
    transitions,
    viewer_can_on,
)
from qgp.users.types import Authored


@record(model.RootCauseAnalysis)
class RootCauseAnalysis(Authored, Recorded, Node):
    """Root cause analysis of a CAPA (ISO 9001:2015, 10.2.1 b)."""

    method: AnalysisMethod = column(
        "Method of the analysis. Every method records its causes as one tree.", EDITABLE | FILTER
    )
    confidence: AnalysisConfidence | None = column(
        "Confidence in the root causes; null if not rated.", EDITABLE | FILTER
    )
    status: AnalysisStatus = column("Status in the workflow.", FILTER)
    round: int = column(
        "Round of the CAPA in which the analysis was created, and the only one for which it "
        "counts.",
        LISTED,
    )
    completed_on: date | None = column("Date of completion; null for a draft.", LISTED)
    capa: CapaRef | None = belongs_to(
        capa_by_id, "The CAPA.", CREATE | FILTER, note="A CAPA that has not ended."
    )
    nodes: Connection[CauseNodeRef] = listing(
        cause_nodes,
        "Causes of the analysis, at most 500, by position. `filter: {isRoot: {eq: true}}` selects "
        "the root causes, `filter: {parentId: {isNull: true}}` the top level.",
        order=("position",),
        parent=model.CauseNode.analysis_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.ANALYSIS)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_draft, "change the analysis: it is a draft"
    )


@record(model.CauseNode, named=("text",))
class CauseNode(Authored, Recorded, Node):
    """Node of the cause tree of a root cause analysis."""

    kind: CauseNodeKind = column("Kind of node.", EDITABLE | FILTER, default=CauseNodeKind.WHY)
    category: CauseNodeCategory | None = column(
        "Branch of the fishbone diagram, not a `CauseCategory` of the organization; null if none.",
        EDITABLE | FILTER,
    )
    text: str = column("Text of the cause.", EDITABLE | LISTED, max_length=2000)
    is_root: bool = column(
        "Whether the node is a root cause (usually a leaf of the tree, not its top node), whose "
        "elimination prevents recurrence.",
        EDITABLE | FILTER,
        default=False,
    )
    position: int = column(
        "Position among the nodes with the same parent, from 0.", EDITABLE | SORT, default=0
    )
    analysis: RootCauseAnalysisRef | None = belongs_to(
        analysis_by_id, "The analysis.", CREATE | FILTER, note="A draft."
    )
    parent: CauseNodeRef | None = belongs_to(
        cause_node_by_id,
        "Parent node: the effect that this node helps to explain; null at the top level.",
        EDITABLE | FILTER,
        note="At most 20 levels. A move (`causeNodeUpdate`) takes the subtree along.",
    )
    children: Connection[CauseNodeRef] = listing(
        cause_nodes,
        "Child nodes, by position.",
        order=("position",),
        parent=model.CauseNode.parent_id,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_of_draft, "change the node: its analysis is a draft"
    )
