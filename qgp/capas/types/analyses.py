"""Analyses of the root causes of a CAPA, and the nodes of their trees."""

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
    """One search for the root causes behind a CAPA."""

    method: AnalysisMethod = column(
        "How it is made; one tree of causes serves every method.", EDITABLE | FILTER
    )
    confidence: AnalysisConfidence | None = column(
        "How sure it is of its root causes.", EDITABLE | FILTER
    )
    status: AnalysisStatus = column("Whether it is finished.", FILTER)
    round: int = column(
        "The round of the CAPA that it was made in; it counts in this one alone.", LISTED
    )
    completed_on: date | None = column("When it was completed.", LISTED)
    capa: CapaRef | None = belongs_to(
        capa_by_id, "The CAPA.", CREATE | FILTER, note="It has not ended."
    )
    nodes: Connection[CauseNodeRef] = listing(
        cause_nodes,
        "All its causes, by position; `filter: {isRoot: {eq: true}}` leaves the root causes, "
        "`filter: {parentId: {isNull: true}}` the topmost ones. There are at most 500.",
        order=("position",),
        parent=model.CauseNode.analysis_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.ANALYSIS)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.is_draft, "change it: it is a draft"
    )


@record(model.CauseNode)
class CauseNode(Authored, Recorded, Node):
    """A cause in the tree of an analysis."""

    kind: CauseNodeKind = column(
        "What it stands for.", EDITABLE | FILTER, default=CauseNodeKind.WHY
    )
    category: CauseNodeCategory | None = column("Where the cause lies.", EDITABLE | FILTER)
    text: str = column("What it says.", EDITABLE | LISTED, max_length=2000)
    is_root: bool = column(
        "Whether it is a root cause: one whose removal solves the problem.",
        EDITABLE | FILTER,
        default=False,
    )
    position: int = column(
        "Its place among the causes with the same parent, from 0.", EDITABLE | SORT, default=0
    )
    analysis: RootCauseAnalysisRef | None = belongs_to(
        analysis_by_id, "The analysis.", CREATE | FILTER, note="It is a draft."
    )
    parent: CauseNodeRef | None = belongs_to(
        cause_node_by_id,
        "The cause above, that this one explains.",
        EDITABLE | FILTER,
        note="Null for a topmost one; what lies below moves along. At most 20 levels.",
    )
    children: Connection[CauseNodeRef] = listing(
        cause_nodes,
        "The causes right below, by position.",
        order=("position",),
        parent=model.CauseNode.parent_id,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.of_draft, "change it: its analysis is a draft"
    )
