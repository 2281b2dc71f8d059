"""GraphQL types of findings."""

from datetime import date, datetime

from qgp.audits.loaders import audit_by_id, audit_context, audit_response_by_id
from qgp.audits.refs import AuditRef, AuditResponseRef, RaisingAuditRef
from qgp.findings import model, policy, workflow
from qgp.findings.facts.issue import is_correctable, is_regradable
from qgp.findings.loaders import (
    cause_category_by_id,
    clauses_of_finding,
    finding_by_id,
    primary_clause_of_finding,
    similar_findings,
)
from qgp.findings.model import (
    FindingDisposition,
    FindingRequest,
    FindingSource,
    FindingStatus,
)
from qgp.findings.refs import CauseCategoryRef, FindingClauseRef, FindingRef
from qgp.findings.types.causes import CauseCategory
from qgp.findings.types.clauses import FindingClause
from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    UPDATE,
    AvailableTransition,
    Imported,
    Node,
    Recorded,
    belongs_to,
    column,
    days_until_due,
    has_many,
    is_overdue,
    record,
    transitions,
    viewer_can_on,
)
from qgp.kit.shared_terms import FindingGrade
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import ProcessRef, process_by_id
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

__all__ = ["CauseCategory", "Finding", "FindingClause"]


@record(model.Finding)
class Finding(Authored, Imported, Recorded, Node):
    """Nonconformity, observation, opportunity for improvement or good practice, with its handling.

    ISO 9001:2015, 8.7 and 10.2; ISO 9000:2015, 3.6.9; ISO 19011:2018, 3.10.
    """

    reference: str = column(
        "Reference number: NC-, OBS-, OFI- or GP- by the first grade, the year and a number, such "
        "as NC-2026-0001. It never changes.",
        LISTED,
    )
    alias: str | None = column(
        "Further reference number that a regrading to a grade with another prefix added, such as "
        "OBS-2026-0003; null if none did.",
        FILTER,
    )
    grade: FindingGrade = column(
        "Grade of the finding, independent of `severity`.", CREATE | LISTED
    )
    source_type: FindingSource = column(
        "Source of the finding.", EDITABLE | FILTER, note="Employees report as SELF_REPORT."
    )
    status: FindingStatus = column("Status in the workflow.", LISTED)
    title: str = column("Short title.", EDITABLE | LISTED)
    statement: str | None = column(
        "Statement of the nonconformity or observation. Required before `findingOpen`.",
        EDITABLE | FILTER,
        max_length=PROSE,
    )
    evidence_text: str | None = column(
        "Objective evidence supporting the finding, as a text (ISO 9000:2015, 3.8.3); `evidence` "
        "lists records. Required before `findingOpen`.",
        EDITABLE,
        max_length=PROSE,
    )
    requirement_text: str | None = column(
        "Requirement or audit criterion that is not fulfilled, in the organization's words "
        "(ISO 9000:2015, 3.6.4).",
        EDITABLE,
        max_length=PROSE,
    )
    severity: int | None = column(
        "Severity of the effects, 1 (negligible) to 5 (catastrophic); null if not rated.",
        EDITABLE | LISTED,
    )
    detected_on: date = column("Date of detection.", EDITABLE | LISTED, note="Today or earlier.")
    containment_text: str | None = column(
        "Containment action against the effects, with any correction (ISO 9001:2015, 10.2.1 a; "
        "ISO 9000:2015, 3.12.3); null if none is recorded.",
        UPDATE,
        max_length=PROSE,
    )
    no_containment_reason: str | None = column(
        "Reason why no containment is needed; null if containment is recorded or undecided.",
        UPDATE,
        note="In place of `containmentText`, never beside it.",
        max_length=PROSE,
    )
    contained_at: datetime | None = column("Instant at which the containment was recorded.")
    disposition: FindingDisposition | None = column(
        "Disposition of the nonconforming output (ISO 9001:2015, 8.7.1); null if undecided.",
        EDITABLE | FILTER,
    )
    root_cause: str | None = column(
        "Root cause (ISO 9001:2015, 10.2.1 b). Required of a nonconformity before "
        "`findingStartCorrectiveAction`.",
        EDITABLE,
        max_length=PROSE,
    )
    is_systemic: bool = column(
        "Whether the finding is systemic: in the management system, not an isolated case.",
        EDITABLE | FILTER,
        default=False,
    )
    opened_on: date | None = column(
        "Date on which the finding was issued, by `findingOpen` or with the audit report "
        "(`auditIssueReport`); the due dates count from it; null for a draft.",
        FILTER,
    )
    response_due_on: date | None = column(
        "Due date of root cause and planned corrective action: 30 days after `openedOn` for MAJOR, "
        "60 for MINOR, unless the organization's settings differ; null for other grades.",
        LISTED,
    )
    closure_due_on: date | None = column(
        "Due date of closure: 180 days after `openedOn` for MAJOR and MINOR, unless the "
        "organization's settings differ; null for other grades.",
        LISTED,
    )
    accepted_until: date | None = column(
        "Last day of the concession (ISO 9001:2015, 8.7.1 d); null unless ACCEPTED.", FILTER
    )
    requested_change: FindingRequest | None = column(
        "Requested change of an issued MAJOR nonconformity, or a requested concession beyond the "
        "longest term, which another person approves with a signature or rejects "
        "(`findingRejectRequest`); null if none is pending.",
        FILTER,
    )
    requested_grade: FindingGrade | None = column("Requested grade; null unless REGRADE.", FILTER)
    requested_until: date | None = column(
        "Last day of the requested concession; null unless CONCESSION.", FILTER
    )
    request_reason: str | None = column("Reason for the requested change; null if none is pending.")
    requested_at: datetime | None = column("Instant of the request; null if none is pending.")
    is_overdue: bool = is_overdue(
        policy.READ,
        model.due,
        "`responseDueOn` while it is OPEN, CONTAINED or ANALYSIS, `closureDueOn` in ACTION and "
        "VERIFICATION, `acceptedUntil` in ACCEPTED",
    )
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    reopen_count: int = column("Number of times that the closed finding was reopened.", FILTER)
    closed_on: date | None = column("Date of closure; null unless CLOSED.", LISTED)
    closing_comment: str | None = column(
        "Result of the verification, or the answer to an observation; null unless CLOSED."
    )
    supplemented_at: datetime | None = column(
        "Instant at which the lead auditor added the finding to the issued audit report, as a "
        "supplement; null for every other finding.",
        FILTER,
    )
    supplement_reason: str | None = column(
        "Reason of the lead auditor for the supplement; null unless `supplementedAt` is set."
    )
    site: SiteRef | None = belongs_to(
        site_by_id,
        "Site of the finding.",
        EDITABLE | FILTER,
        note="In `findingCreate`, the audit's site if left out.",
    )
    department: DepartmentRef | None = belongs_to(
        department_by_id,
        "Department of the finding.",
        EDITABLE | FILTER,
        note="In `findingCreate`, the audit's department if left out.",
    )
    process: ProcessRef | None = belongs_to(
        process_by_id,
        "Process of the finding.",
        EDITABLE | FILTER,
        note="In `findingCreate`, the audit's process if left out.",
    )
    detected_by: UserRef | None = belongs_to(
        user_by_id, "User who detected the finding.", EDITABLE | FILTER
    )
    owner: UserRef | None = belongs_to(
        user_by_id,
        "Owner: the person responsible, who carries the finding through to its submission for "
        "verification.",
        EDITABLE | FILTER,
    )
    contained_by: UserRef | None = belongs_to(
        user_by_id, "User who recorded the containment; null if none is recorded.", FILTER
    )
    verified_by: UserRef | None = belongs_to(
        user_by_id,
        "User who verified and closed the finding, never its owner (segregation of duties); null "
        "unless CLOSED.",
        FILTER,
    )
    requested_by: UserRef | None = belongs_to(
        user_by_id,
        "User who requested the pending change and so does not approve it; null if none is "
        "pending.",
        FILTER,
    )
    cause_category: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "Category of the root cause.", EDITABLE | FILTER
    )
    repeat_of: FindingRef | None = belongs_to(
        finding_by_id,
        "Earlier finding of which this one is a recurrence; null if none, or hidden from you.",
        EDITABLE | FILTER,
    )
    raising_audit: RaisingAuditRef | None = belongs_to(
        audit_context,
        "Reference, criteria and lead auditor of `audit`, for the owner of the finding and for "
        "those who may read the audit; null for others.",
        key="audit_id",
        rule=policy.sees_audit,
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id,
        "Audit that raised the finding; null if none, or hidden from you.",
        CREATE | FILTER,
        note="An audit from its start to its review; with a `reason` also a REPORTED one, by its "
        "lead auditor.",
    )
    response: AuditResponseRef | None = belongs_to(
        audit_response_by_id,
        "Audit response that the finding is about; null if none, or hidden from you.",
        CREATE | FILTER,
        note="Sets `audit` too.",
    )
    primary_clause: FindingClauseRef | None = belongs_to(
        primary_clause_of_finding,
        "Primary clause: the requirement that the finding counts against in statistics.",
        key="id",
    )
    clauses: list[FindingClauseRef] = has_many(
        clauses_of_finding,
        "Clauses that the finding cites, the primary one first.",
        FILTER,
        through=(policy.READ_CLAUSES, model.FindingClause.finding_id),
    )
    similar: list[FindingRef] = has_many(
        similar_findings,
        "Similar findings: the same primary clause and site, detected within 24 months of this "
        "one, the newest first; with the same cause category once this one has any. None is VOID.",
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.FINDING)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE,
        policy.is_changeable,
        "change the finding: it has not ended, and is your own draft where your role changes no "
        "others",
    )
    viewer_can_correct: bool = viewer_can_on(
        policy.CORRECT,
        is_correctable,
        "correct the content of the finding: it is issued and has not ended, you lead its audit or "
        "have a quality role, and it is no MAJOR that you own or owned",
    )
    viewer_can_regrade: bool = viewer_can_on(
        policy.REGRADE,
        is_regradable,
        "regrade the finding (`findingRegrade`): it has not ended, is no issued MAJOR, and once it "
        "is issued you lead its audit or have a quality role",
    )
