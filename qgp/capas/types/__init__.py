"""GraphQL types of CAPAs, their sources and rounds."""

from datetime import date, datetime

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
    """Corrective and preventive action, from the problem to its effectiveness review.

    ISO 9001:2015, 10.2.1; ISO 9000:2015, 3.12.1 and 3.12.2.
    """

    reference: str = column(
        "Reference number: CAPA-, or SCAR- for a supplier corrective action request, the year and "
        "a number, such as CAPA-2026-0001. It never changes.",
        LISTED,
    )
    kind: CapaKind = column("Kind of CAPA.", EDITABLE | FILTER, default=CapaKind.CORRECTIVE)
    title: str = column("Short title.", EDITABLE | LISTED)
    problem_statement: str = column(
        "Problem statement: object, place, time and extent of the problem.",
        EDITABLE | FILTER,
        max_length=PROSE,
    )
    priority: CapaPriority = column(
        "Priority.",
        EDITABLE | FILTER,
        note="After `capaOpen`, only quality lowers HIGH or CRITICAL to LOW or MEDIUM; fixed from "
        "the status IMPLEMENTING on.",
        default=CapaPriority.MEDIUM,
    )
    status: CapaStatus = column("Status in the workflow.", LISTED)
    source_justification: str | None = column(
        "Justification of a CAPA without a source finding.", EDITABLE | FILTER, max_length=PROSE
    )
    supplier_name: str | None = column(
        "Name of the supplier (external provider) requested to act; null for an internal CAPA.",
        EDITABLE | FILTER,
        note="A CAPA created with one has a SCAR- reference.",
    )
    due_on: date = column(
        "Due date of the implementation.",
        EDITABLE | LISTED,
        note="Today or later, and not before the due date of an open action. A change after "
        "`capaOpen` requires a reason (`capaUpdate`).",
    )
    original_due_on: date = column(
        "Original due date of the implementation; it never changes.", LISTED
    )
    extension_count: int = column(
        "Number of extensions: postponements of `dueOn` since `capaOpen`.", FILTER
    )
    cause_known_reason: str | None = column(
        "Reason why the root cause is known without an analysis in this round; null if it is not. "
        "Cleared when a new round starts.",
        EDITABLE,
        note="Fixed from the status PLANNED on.",
        max_length=PROSE,
    )
    root_cause_summary: str | None = column(
        "Summary of the root cause (ISO 9001:2015, 10.2.1 b).", EDITABLE | FILTER, max_length=PROSE
    )
    is_risk_review_required: bool = column(
        "Whether risks and opportunities must be reviewed before implementation (ISO 9001:2015, "
        "10.2.1 e).",
        EDITABLE | FILTER,
        note="Fixed from the status IMPLEMENTING on.",
        default=False,
    )
    risk_review_note: str | None = column(
        "Result of the risk review; null if none is recorded. Cleared when a new round starts.",
        UPDATE,
        note="Fixed from the status IMPLEMENTING on.",
        max_length=PROSE,
    )
    is_document_change_required: bool = column(
        "Whether controlled documents must be changed (ISO 9001:2015, 10.2.1 f).",
        EDITABLE | FILTER,
        note="Fixed from the status VERIFICATION on.",
        default=False,
    )
    document_change_note: str | None = column(
        "Documents published and their versions; null if none is recorded. Cleared when a new "
        "round starts.",
        UPDATE,
        note="Fixed from the status VERIFICATION on.",
        max_length=PROSE,
    )
    is_training_required: bool = column(
        "Whether training is required (ISO 9001:2015, 7.2 c).",
        EDITABLE | FILTER,
        note="Fixed from the status VERIFICATION on.",
        default=False,
    )
    training_note: str | None = column(
        "Persons trained and dates of the training; null if none is recorded. Cleared when a new "
        "round starts.",
        UPDATE,
        note="Fixed from the status VERIFICATION on.",
        max_length=PROSE,
    )
    effectiveness_criteria: str | None = column(
        "Effectiveness criteria (ISO 9001:2015, 10.2.1 d).",
        EDITABLE,
        note="Required before `capaReleasePlan`; fixed in this round from then on.",
        max_length=PROSE,
    )
    effectiveness_metric: EffectivenessMetric | None = column(
        "Metric of the effectiveness review.",
        EDITABLE | FILTER,
        note="Required before `capaReleasePlan`; fixed in this round from then on.",
    )
    window_days: int = column(
        "Length of the effectiveness window in days, 1 to 730.",
        EDITABLE,
        note="At least the organization's shortest window for the priority; fixed from the status "
        "IMPLEMENTING on.",
        default=90,
    )
    shortest_window_days: int | None = column(
        "Days of this round's effectiveness window that no waiver shortens: the organization's "
        "shortest window for the priority as of `capaReleasePlan`, or as of "
        "`capaConfirmImplementation` if that was longer. Later settings do not change it. Null "
        "before the release, and for a plan released before it was recorded, which the present "
        "setting judges.",
    )
    confirmed_at: datetime | None = column(
        "Instant at which the implementation of this round was confirmed, from which its "
        "effectiveness window runs; null before `capaConfirmImplementation`.",
        FILTER,
    )
    effectiveness_due_on: date | None = column(
        "Due date of the effectiveness review: the end of this round's effectiveness window; null "
        "before `capaConfirmImplementation`.",
        LISTED,
    )
    is_overdue: bool = is_overdue(
        policy.READ,
        model.due,
        "`dueOn` before the status EFFECTIVENESS, `effectivenessDueOn` in it, until it has ended",
    )
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    result: CapaResult | None = column(
        "Result of the latest effectiveness review; null before the first.", FILTER
    )
    result_note: str | None = column(
        "Note on the latest effectiveness review; null if none is recorded."
    )
    waiver_reason: str | None = column(
        "Reason for the closure before the effectiveness window ended; null if it had ended."
    )
    round: int = column(
        "Number of the current round, from 1; an ineffective result and a reopening start another.",
        LISTED,
    )
    implemented_on: date | None = column(
        "Date on which this round was submitted for verification; null before.", FILTER
    )
    closed_on: date | None = column("Date of closure; null unless CLOSED.", LISTED)
    owner: UserRef | None = belongs_to(
        user_by_id,
        "Owner: the person responsible, who carries the CAPA through to its submission for "
        "verification.",
        EDITABLE | FILTER,
        note="Required before `capaOpen`, and never cleared after it.",
    )
    sponsor: UserRef | None = belongs_to(
        user_by_id, "Sponsor, who provides resources, usually from management.", EDITABLE | FILTER
    )
    site: SiteRef | None = belongs_to(site_by_id, "Site of the CAPA.", EDITABLE | FILTER)
    department: DepartmentRef | None = belongs_to(
        department_by_id, "Department of the CAPA.", EDITABLE | FILTER
    )
    process: ProcessRef | None = belongs_to(
        process_by_id, "Process of the CAPA.", EDITABLE | FILTER
    )
    cause_category: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "Category of the root cause.", EDITABLE | FILTER
    )
    verified_by: UserRef | None = belongs_to(
        user_by_id,
        "User who confirmed the implementation in this round (`capaConfirmImplementation`); null "
        "before.",
        FILTER,
    )
    findings: list[FindingRef] = has_many(
        linked_by(
            model.CapaFinding.finding_id,
            finding_by_id,
            by=model.CapaFinding.capa_id,
            read=policy.READ_SOURCES,
        ),
        "Source findings, in the order of linking.",
        FILTER,
    )
    rounds: list[CapaRoundRef] = has_many(
        rounds_of_capa, "Earlier rounds, the latest first.", FILTER
    )
    analyses: Connection[RootCauseAnalysisRef] = listing(
        root_cause_analyses,
        "Root cause analyses, oldest first.",
        FILTER,
        parent=model.RootCauseAnalysis.capa_id,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.CAPA)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE, policy.has_not_ended, "change the CAPA: it has not ended"
    )


@record(model.CapaFinding, named=("finding.reference",))
class CapaFinding(Authored, Recorded, Node):
    """Link of a CAPA to a source finding."""

    capa: CapaRef | None = belongs_to(capa_by_id, "The CAPA.", FILTER)
    finding: FindingRef | None = belongs_to(
        finding_by_id, "Source finding; null if hidden from you.", FILTER
    )


@record(model.CapaRound)
class CapaRound(Authored, Recorded, Node):
    """Completed round of a CAPA, which another round followed."""

    number: int = column("Number of the round, from 1.", LISTED)
    result: CapaResult = column("Result of the effectiveness review.", FILTER)
    note: str | None = column("Note on the effectiveness review; null if none is recorded.")
    implemented_on: date | None = column(
        "Date on which the round was submitted for verification; null if it was not.", FILTER
    )
    ended_on: date = column(
        "Date on which the round was recorded as ineffective, or the closed CAPA was reopened.",
        LISTED,
    )
    capa: CapaRef | None = belongs_to(capa_by_id, "The CAPA.", FILTER)
    verified_by: UserRef | None = belongs_to(
        user_by_id, "User who confirmed the implementation; null if nobody did.", FILTER
    )
