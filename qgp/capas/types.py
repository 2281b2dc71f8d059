"""Corrective and preventive actions as clients see them."""

from datetime import date

from qgp.capas import model, policy
from qgp.capas.enums import (
    AnalysisConfidence,
    AnalysisMethod,
    AnalysisStatus,
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    CauseNodeCategory,
    CauseNodeKind,
    EffectivenessMetric,
)
from qgp.capas.filters import (
    CauseNodeFilter,
    CauseNodeOrder,
    RootCauseAnalysisFilter,
    RootCauseAnalysisOrder,
)
from qgp.capas.loaders import analysis_by_id, capa_by_id, cause_node_by_id, rounds_of_capa
from qgp.capas.refs import CapaRef, CapaRoundRef, CauseNodeRef, RootCauseAnalysisRef
from qgp.capas.sources import findings_of_capa
from qgp.findings.loaders import cause_category_by_id, finding_by_id
from qgp.findings.refs import CauseCategoryRef, FindingRef
from qgp.kit.gql import (
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    days_until_due,
    has_many,
    is_overdue,
    listing,
    record,
    transitions,
    viewer_can_on,
)
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import process_by_id
from qgp.processes.refs import ProcessRef
from qgp.users.authorship import Authored
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@record(
    model.Capa, "A corrective or preventive action: from a problem to the proof that it is gone."
)
class Capa(Authored, Recorded, Node):
    """A corrective or preventive action."""

    reference: str = column(
        "CAPA- or, where a supplier was asked, SCAR-, the year and a number; it never changes."
    )
    kind: CapaKind = column("What it is for.")
    title: str = column("What it is about, in a line.")
    problem_statement: str = column("What the problem is: what, where, when, how much.")
    priority: CapaPriority = column("How much is at stake.")
    status: CapaStatus = column("Where it stands.")
    source_justification: str | None = column("Why it is needed although no finding is behind it.")
    supplier_name: str | None = column("The supplier it was asked of; null if it is your own.")
    due_on: date = column("When it is to be implemented.")
    original_due_on: date = column("When it was first due; it never changes.")
    extension_count: int = column("How often the due day was put off since it was opened.")
    cause_known_reason: str | None = column(
        "Why the cause needs no analysis in this round; another round asks anew."
    )
    root_cause_summary: str | None = column("Why it came to be, in a few sentences.")
    is_risk_review_required: bool = column(
        "Whether the risks are to be reviewed before the plan is carried out."
    )
    risk_review_note: str | None = column(
        "What reviewing the risks came to; another round asks anew."
    )
    is_document_change_required: bool = column("Whether documents are to be changed with it.")
    document_change_note: str | None = column(
        "Which documents were published, in which version; another round asks anew."
    )
    is_training_required: bool = column("Whether people are to be trained for it.")
    training_note: str | None = column("Who was trained, and when; another round asks anew.")
    effectiveness_criteria: str | None = column("What has to be seen to call it effective.")
    effectiveness_metric: EffectivenessMetric | None = column("What effectiveness is judged by.")
    window_days: int = column("Days for which the effect is watched; 1 to 730.")
    effectiveness_due_on: date | None = column(
        "When the window of this round ends; null until the actions are verified."
    )
    is_overdue: bool = is_overdue(
        model.Capa,
        policy.READ,
        model.due,
        "`dueOn` before its state is EFFECTIVENESS, then `effectivenessDueOn`, until it has ended",
    )
    days_until_due: int | None = days_until_due(model.Capa, policy.READ, model.due)
    result: CapaResult | None = column("How effective it was when last judged; null before.")
    result_note: str | None = column("What was seen when it was last judged.")
    waiver_reason: str | None = column("Why it was closed before the window had ended.")
    round: int = column("Counts from 1; one more each time that it did not work or was reopened.")
    implemented_on: date | None = column("When the actions of this round were done.")
    closed_on: date | None = column("When it was closed.")
    owner: UserRef | None = belongs_to(
        user_by_id, "owner_id", "Who answers for it, and may take it up to verification."
    )
    sponsor: UserRef | None = belongs_to(
        user_by_id, "sponsor_id", "Who provides what it needs, usually of the management."
    )
    site: SiteRef | None = belongs_to(site_by_id, "site_id", "The site it is about.")
    department: DepartmentRef | None = belongs_to(
        department_by_id, "department_id", "The department it is about."
    )
    process: ProcessRef | None = belongs_to(process_by_id, "process_id", "The process it is about.")
    cause_category: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "cause_category_id", "What sort of cause it has."
    )
    verified_by: UserRef | None = belongs_to(
        user_by_id, "verified_by_id", "Who saw that the actions of this round are done."
    )
    findings: list[FindingRef] = has_many(
        findings_of_capa, "What is behind it, in the order it was linked."
    )
    rounds: list[CapaRoundRef] = has_many(
        rounds_of_capa, "The rounds that ended before this one, the latest first."
    )
    analyses: Connection[RootCauseAnalysisRef] = listing(
        model.RootCauseAnalysis,
        policy.READ_ANALYSES,
        RootCauseAnalysisFilter,
        RootCauseAnalysisOrder,
        ("created_at",),
        "The searches for its root causes, oldest first.",
        parent=model.RootCauseAnalysis.capa_id,
    )
    available_transitions: list[AvailableTransition] = transitions(model.Capa.workflow)
    viewer_can_update: bool = viewer_can_on(
        model.Capa, policy.UPDATE, policy.goes_on, "change it: it has not ended"
    )


@record(model.CapaFinding, "A finding as the source of a CAPA.")
class CapaFinding(Authored, Recorded, Node):
    """A finding as the source of a CAPA."""

    capa: CapaRef | None = belongs_to(capa_by_id, "capa_id", "The CAPA.")
    finding: FindingRef | None = belongs_to(
        finding_by_id, "finding_id", "The finding behind it; null if hidden from you."
    )


@record(model.CapaRound, "A round of a CAPA that ended, and that another one followed.")
class CapaRound(Authored, Recorded, Node):
    """A round of a CAPA that ended."""

    number: int = column("Counts from 1.")
    result: CapaResult = column("How effective it was.")
    note: str | None = column("What was seen.")
    implemented_on: date | None = column("When its actions were done.")
    ended_on: date = column("When it was judged ineffective, or the closed CAPA was reopened.")
    capa: CapaRef | None = belongs_to(capa_by_id, "capa_id", "The CAPA.")
    verified_by: UserRef | None = belongs_to(
        user_by_id, "verified_by_id", "Who saw that its actions were done."
    )


@record(model.RootCauseAnalysis, "One search for the root causes behind a CAPA.")
class RootCauseAnalysis(Authored, Recorded, Node):
    """One search for root causes."""

    method: AnalysisMethod = column("How it is made; one tree of causes serves every method.")
    confidence: AnalysisConfidence | None = column("How sure it is of its root causes.")
    status: AnalysisStatus = column("Whether it is finished.")
    round: int = column("The round of the CAPA that it was made in; it counts in this one alone.")
    completed_on: date | None = column("When it was completed.")
    capa: CapaRef | None = belongs_to(capa_by_id, "capa_id", "The CAPA.")
    nodes: Connection[CauseNodeRef] = listing(
        model.CauseNode,
        policy.READ_NODES,
        CauseNodeFilter,
        CauseNodeOrder,
        ("position",),
        "All its causes, by position; `filter: {isRoot: {eq: true}}` leaves the root causes, "
        "`filter: {parentId: {isNull: true}}` the topmost ones. There are at most 500.",
        parent=model.CauseNode.analysis_id,
    )
    available_transitions: list[AvailableTransition] = transitions(model.RootCauseAnalysis.workflow)
    viewer_can_update: bool = viewer_can_on(
        model.RootCauseAnalysis, policy.UPDATE, policy.is_draft, "change it: it is a draft"
    )


@record(model.CauseNode, "A cause in the tree of an analysis.")
class CauseNode(Authored, Recorded, Node):
    """A cause in the tree of an analysis."""

    kind: CauseNodeKind = column("What it stands for.")
    category: CauseNodeCategory | None = column("Where the cause lies.")
    text: str = column("What it says.")
    is_root: bool = column("Whether it is a root cause: one whose removal solves the problem.")
    position: int = column("Its place among the causes with the same parent, from 0.")
    analysis: RootCauseAnalysisRef | None = belongs_to(
        analysis_by_id, "analysis_id", "The analysis."
    )
    parent: CauseNodeRef | None = belongs_to(
        cause_node_by_id, "parent_id", "The cause above, that this one explains."
    )
    children: Connection[CauseNodeRef] = listing(
        model.CauseNode,
        policy.READ_NODES,
        CauseNodeFilter,
        CauseNodeOrder,
        ("position",),
        "The causes right below, by position.",
        parent=model.CauseNode.parent_id,
    )
    viewer_can_update: bool = viewer_can_on(
        model.CauseNode, policy.UPDATE, policy.of_draft, "change it: its analysis is a draft"
    )
