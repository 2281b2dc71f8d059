"""Corrective and preventive actions as clients see them."""

from datetime import date

from qgp.capas import model, policy, workflow
from qgp.capas.loaders import capa_by_id, root_cause_analyses, rounds_of_capa
from qgp.capas.model.terms import (
    CapaKind,
    CapaPriority,
    CapaResult,
    CapaStatus,
    EffectivenessMetric,
)
from qgp.capas.refs import CapaRef, CapaRoundRef, RootCauseAnalysisRef
from qgp.capas.types.analyses import CauseNode, RootCauseAnalysis
from qgp.findings.loaders import cause_category_by_id, finding_by_id
from qgp.findings.refs import CauseCategoryRef, FindingRef
from qgp.kit.gql import (
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    UPDATE,
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
from qgp.kit.loader import linked_by
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import ProcessRef, process_by_id
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

__all__ = ["Capa", "CapaFinding", "CapaRound", "CauseNode", "RootCauseAnalysis"]


@record(model.Capa)
class Capa(Authored, Recorded, Node):
    """A corrective or preventive action: from a problem to the proof that it is gone."""

    reference: str = column(
        "CAPA- or, where a supplier was asked, SCAR-, the year and a number; it never changes.",
        LISTED,
    )
    kind: CapaKind = column("What it is for.", EDITABLE | FILTER, default=CapaKind.CORRECTIVE)
    title: str = column("What it is about, in a line.", EDITABLE | LISTED)
    problem_statement: str = column(
        "What the problem is: what, where, when, how much.", EDITABLE | FILTER, max_length=PROSE
    )
    priority: CapaPriority = column(
        "How much is at stake.",
        EDITABLE | FILTER,
        note="Once it is opened, only quality lowers HIGH and CRITICAL.",
        default=CapaPriority.MEDIUM,
    )
    status: CapaStatus = column("Where it stands.", LISTED)
    source_justification: str | None = column(
        "Why it is needed although no finding is behind it.", EDITABLE | FILTER, max_length=PROSE
    )
    supplier_name: str | None = column(
        "The supplier it was asked of; null if it is your own.",
        EDITABLE | FILTER,
        note="A CAPA created with one has a reference that begins with SCAR-.",
    )
    due_on: date = column(
        "When it is to be implemented.",
        EDITABLE | LISTED,
        note="Once it is opened, a change needs `reason`.",
    )
    original_due_on: date = column("When it was first due; it never changes.", LISTED)
    extension_count: int = column("How often the due day was put off since it was opened.", FILTER)
    cause_known_reason: str | None = column(
        "Why the cause needs no analysis in this round; another round asks anew.",
        EDITABLE,
        note="Until it is PLANNED.",
        max_length=PROSE,
    )
    root_cause_summary: str | None = column(
        "Why it came to be, in a few sentences.", EDITABLE | FILTER, max_length=PROSE
    )
    is_risk_review_required: bool = column(
        "Whether the risks are to be reviewed before the plan is carried out.",
        EDITABLE | FILTER,
        note="Until it is IMPLEMENTING.",
        default=False,
    )
    risk_review_note: str | None = column(
        "What reviewing the risks came to; another round asks anew.",
        UPDATE,
        note="Until it is IMPLEMENTING.",
        max_length=PROSE,
    )
    is_document_change_required: bool = column(
        "Whether documents are to be changed with it.",
        EDITABLE | FILTER,
        note="Until VERIFICATION.",
        default=False,
    )
    document_change_note: str | None = column(
        "Which documents were published, in which version; another round asks anew.",
        UPDATE,
        note="Until VERIFICATION.",
        max_length=PROSE,
    )
    is_training_required: bool = column(
        "Whether people are to be trained for it.",
        EDITABLE | FILTER,
        note="Until VERIFICATION.",
        default=False,
    )
    training_note: str | None = column(
        "Who was trained, and when; another round asks anew.",
        UPDATE,
        note="Until VERIFICATION.",
        max_length=PROSE,
    )
    effectiveness_criteria: str | None = column(
        "What has to be seen to call it effective.",
        EDITABLE,
        note="Needed before it is IMPLEMENTING, and unchanged from then on.",
        max_length=PROSE,
    )
    effectiveness_metric: EffectivenessMetric | None = column(
        "What effectiveness is judged by.",
        EDITABLE | FILTER,
        note="Needed before it is IMPLEMENTING, and unchanged from then on.",
    )
    window_days: int = column(
        "Days for which the effect is watched; 1 to 730.",
        EDITABLE,
        note="Until it is IMPLEMENTING.",
        default=90,
    )
    effectiveness_due_on: date | None = column(
        "When the window of this round ends; null until the actions are verified.", LISTED
    )
    is_overdue: bool = is_overdue(
        policy.READ,
        model.due,
        "`dueOn` before its state is EFFECTIVENESS, then `effectivenessDueOn`, until it has ended",
    )
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    result: CapaResult | None = column(
        "How effective it was when last judged; null before.", FILTER
    )
    result_note: str | None = column("What was seen when it was last judged.")
    waiver_reason: str | None = column("Why it was closed before the window had ended.")
    round: int = column(
        "Counts from 1; one more each time that it did not work or was reopened.", LISTED
    )
    implemented_on: date | None = column("When the actions of this round were done.", FILTER)
    closed_on: date | None = column("When it was closed.", LISTED)
    owner: UserRef | None = belongs_to(
        user_by_id,
        "Who answers for it, and may take it up to verification.",
        EDITABLE | FILTER,
        note="Needed before it is opened, and not cleared later.",
    )
    sponsor: UserRef | None = belongs_to(
        user_by_id, "Who provides what it needs, usually of the management.", EDITABLE | FILTER
    )
    site: SiteRef | None = belongs_to(site_by_id, "The site it is about.", EDITABLE | FILTER)
    department: DepartmentRef | None = belongs_to(
        department_by_id, "The department it is about.", EDITABLE | FILTER
    )
    process: ProcessRef | None = belongs_to(
        process_by_id, "The process it is about.", EDITABLE | FILTER
    )
    cause_category: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "What sort of cause it has.", EDITABLE | FILTER
    )
    verified_by: UserRef | None = belongs_to(
        user_by_id, "Who saw that the actions of this round are done.", FILTER
    )
    findings: list[FindingRef] = has_many(
        linked_by(
            model.CapaFinding.finding_id,
            finding_by_id,
            by=model.CapaFinding.capa_id,
            read=policy.READ_SOURCES,
        ),
        "What is behind it, in the order it was linked.",
        FILTER,
    )
    rounds: list[CapaRoundRef] = has_many(
        rounds_of_capa, "The rounds that ended before this one, the latest first.", FILTER
    )
    analyses: Connection[RootCauseAnalysisRef] = listing(
        root_cause_analyses,
        "The searches for its root causes, oldest first.",
        FILTER,
        parent=model.RootCauseAnalysis.capa_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.CAPA)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.goes_on, "change it: it has not ended"
    )


@record(model.CapaFinding)
class CapaFinding(Authored, Recorded, Node):
    """A finding as the source of a CAPA."""

    capa: CapaRef | None = belongs_to(capa_by_id, "The CAPA.", FILTER)
    finding: FindingRef | None = belongs_to(
        finding_by_id, "The finding behind it; null if hidden from you.", FILTER
    )


@record(model.CapaRound)
class CapaRound(Authored, Recorded, Node):
    """A round of a CAPA that ended, and that another one followed."""

    number: int = column("Counts from 1.", LISTED)
    result: CapaResult = column("How effective it was.", FILTER)
    note: str | None = column("What was seen.")
    implemented_on: date | None = column("When its actions were done.", FILTER)
    ended_on: date = column(
        "When it was judged ineffective, or the closed CAPA was reopened.", LISTED
    )
    capa: CapaRef | None = belongs_to(capa_by_id, "The CAPA.", FILTER)
    verified_by: UserRef | None = belongs_to(
        user_by_id, "Who saw that its actions were done.", FILTER
    )
