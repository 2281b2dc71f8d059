"""The nonconformity register as clients see it."""

from datetime import date, datetime

from qgp.audits.loaders import audit_by_id, audit_response_by_id
from qgp.audits.refs import AuditRef, AuditResponseRef
from qgp.findings import model, policy, workflow
from qgp.findings.loaders import (
    cause_categories,
    cause_category_by_id,
    clauses_of_finding,
    finding_by_id,
    findings,
    primary_clause_of_finding,
    similar_findings,
)
from qgp.findings.model import FindingDisposition, FindingSource, FindingStatus
from qgp.findings.refs import CauseCategoryRef, FindingClauseRef, FindingRef
from qgp.kit.gql import (
    CODE,
    CREATE,
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
    viewer_can,
    viewer_can_on,
)
from qgp.kit.shared_terms import FindingGrade
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import ProcessRef, process_by_id
from qgp.standards.loaders import clause_by_id
from qgp.standards.refs import ClauseRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.CauseCategory)
class CauseCategory(Authored, Recorded, Node):
    """A node of the tree of causes that statistics group by."""

    code: str = column("Short unique code.", EDITABLE | LISTED, max_length=40, pattern=CODE)
    name: str = column("Its name.", EDITABLE | LISTED)
    parent: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "The wider category; null for the widest.", EDITABLE | FILTER
    )
    children: Connection[CauseCategoryRef] = listing(
        cause_categories,
        "The categories right below, by code.",
        parent=model.CauseCategory.parent_id,
    )
    findings: Connection[FindingRef] = listing(
        findings,
        "The findings with a cause of this very category, oldest first.",
        parent=model.Finding.cause_category_id,
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE_CAUSES, "change the category")


@record(
    model.FindingClause,
    named=("clause.standard.code", "clause.number"),
)
class FindingClause(Authored, Recorded, Node):
    """A clause that a finding is written against."""

    is_primary: bool = column("Whether it is the one that counts in statistics.", FILTER)
    finding: FindingRef | None = belongs_to(finding_by_id, "The finding.", LISTED)
    clause: ClauseRef | None = belongs_to(clause_by_id, "The clause.", LISTED)


@record(model.Finding)
class Finding(Authored, Recorded, Node):
    """Something found, for better or worse, and what became of it."""

    reference: str = column(
        "NC-, OBS-, OFI- or GP- by its first grade, the year and a number; it never changes.",
        LISTED,
    )
    grade: FindingGrade = column("How much it weighs.", CREATE | LISTED)
    source_type: FindingSource = column(
        "What brought it to light.", EDITABLE | FILTER, note="Employees report as SELF_REPORT."
    )
    status: FindingStatus = column("Where it stands.", LISTED)
    title: str = column("What it is about, in a line.", EDITABLE | LISTED)
    statement: str | None = column(
        "What the matter is; has to be there when it is opened.",
        EDITABLE | FILTER,
        max_length=PROSE,
    )
    evidence_text: str | None = column(
        "What was seen; has to be there when it is opened.", EDITABLE, max_length=PROSE
    )
    requirement_text: str | None = column(
        "What should have been, in your own words.", EDITABLE, max_length=PROSE
    )
    severity: int | None = column("1 (negligible) to 5 (catastrophic).", EDITABLE | LISTED)
    detected_on: date = column(
        "The day on which it was detected.", EDITABLE | LISTED, note="No future day."
    )
    containment_text: str | None = column(
        "What keeps its effects in check.", UPDATE, max_length=PROSE
    )
    no_containment_reason: str | None = column(
        "Why nothing has to.",
        UPDATE,
        note="Instead of `containmentText`; not both.",
        max_length=PROSE,
    )
    contained_at: datetime | None = column("When its effects were said to be under control.")
    disposition: FindingDisposition | None = column(
        "What becomes of the output at fault.", EDITABLE | FILTER
    )
    root_cause: str | None = column(
        "Why it came to be; a nonconformity needs it before action.", EDITABLE, max_length=PROSE
    )
    is_systemic: bool = column(
        "Whether the system itself is at fault, not one case.", EDITABLE | FILTER, default=False
    )
    opened_on: date | None = column("The day it was opened, from which its due days count.", FILTER)
    response_due_on: date | None = column(
        "When cause and action are due: 30 days after the opening for MAJOR, 60 for MINOR.", LISTED
    )
    closure_due_on: date | None = column(
        "When it is to be closed: 90 days after the opening for MAJOR, 180 for MINOR.", LISTED
    )
    accepted_until: date | None = column(
        "Last day of its concession, where it is ACCEPTED.", FILTER
    )
    is_overdue: bool = is_overdue(
        policy.READ,
        model.due,
        "`responseDueOn` while it is OPEN, CONTAINED or ANALYSIS, `closureDueOn` in ACTION and "
        "VERIFICATION, `acceptedUntil` in ACCEPTED",
    )
    days_until_due: int | None = days_until_due(policy.READ, model.due)
    reopen_count: int = column("How often it was closed too early.", FILTER)
    closed_on: date | None = column("The day it was closed.", LISTED)
    closing_comment: str | None = column("How it was answered, or what its verifier said.")
    site: SiteRef | None = belongs_to(
        site_by_id,
        "Where it was found.",
        EDITABLE | FILTER,
        note="If left out on creation, the site of the audit.",
    )
    department: DepartmentRef | None = belongs_to(
        department_by_id,
        "The department it was found in.",
        EDITABLE | FILTER,
        note="If left out on creation, the one of the audit.",
    )
    process: ProcessRef | None = belongs_to(
        process_by_id,
        "The process it was found in.",
        EDITABLE | FILTER,
        note="If left out on creation, the one of the audit.",
    )
    detected_by: UserRef | None = belongs_to(user_by_id, "Who detected it.", EDITABLE | FILTER)
    owner: UserRef | None = belongs_to(
        user_by_id, "Who answers for it, and may take it up to verification.", EDITABLE | FILTER
    )
    contained_by: UserRef | None = belongs_to(
        user_by_id, "Who said that its effects are under control.", FILTER
    )
    verified_by: UserRef | None = belongs_to(
        user_by_id, "Who verified and closed it; never its owner.", FILTER
    )
    cause_category: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "What sort of cause it has.", EDITABLE | FILTER
    )
    repeat_of: FindingRef | None = belongs_to(
        finding_by_id, "The finding that it repeats; null if hidden from you.", EDITABLE | FILTER
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id,
        "The audit that brought it to light; null if none, or hidden.",
        CREATE | FILTER,
        note="From its start to its review.",
    )
    response: AuditResponseRef | None = belongs_to(
        audit_response_by_id,
        "The answer of the audit that it is about; null if none, or hidden.",
        CREATE | FILTER,
        note="Names the audit, too.",
    )
    primary_clause: FindingClauseRef | None = belongs_to(
        primary_clause_of_finding, "The clause that it counts for in statistics.", key="id"
    )
    clauses: list[FindingClauseRef] = has_many(
        clauses_of_finding,
        "What it is written against, the primary clause first.",
        FILTER,
        through=(policy.READ_CLAUSES, model.FindingClause.finding_id),
    )
    similar: list[FindingRef] = has_many(
        similar_findings,
        "Others with the same primary clause and site, detected within 24 months of it, the "
        "newest first; of the same cause category, once it has one. None is VOID.",
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.FINDING)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE,
        policy.is_changeable,
        "change it: it has not ended, and is your own draft where your role changes no others",
    )
    viewer_can_regrade: bool = viewer_can_on(
        policy.REGRADE, policy.goes_on, "regrade it: it has not ended"
    )
