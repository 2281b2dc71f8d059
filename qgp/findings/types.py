"""The nonconformity register as clients see it."""

from datetime import date, datetime

from qgp.audits.loaders import audit_by_id, audit_response_by_id
from qgp.audits.refs import AuditRef, AuditResponseRef
from qgp.findings import model, policy
from qgp.findings.enums import FindingDisposition, FindingGrade, FindingSource, FindingStatus
from qgp.findings.filters import (
    CauseCategoryFilter,
    CauseCategoryOrder,
    FindingFilter,
    FindingOrder,
)
from qgp.findings.loaders import (
    cause_category_by_id,
    clauses_of_finding,
    finding_by_id,
    primary_clause_of_finding,
    similar_findings,
)
from qgp.findings.refs import CauseCategoryRef, FindingClauseRef, FindingRef
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
    viewer_can,
    viewer_can_on,
)
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import process_by_id
from qgp.processes.refs import ProcessRef
from qgp.standards.loaders import clause_by_id
from qgp.standards.refs import ClauseRef
from qgp.users.authorship import Authored
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@record(model.CauseCategory, "A node of the tree of causes that statistics group by.")
class CauseCategory(Authored, Recorded, Node):
    """A node of the tree of causes."""

    code: str = column("Short unique code.")
    name: str = column("Its name.")
    parent: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "parent_id", "The wider category; null for the widest."
    )
    children: Connection[CauseCategoryRef] = listing(
        model.CauseCategory,
        policy.READ_CAUSES,
        CauseCategoryFilter,
        CauseCategoryOrder,
        ("code",),
        "The categories right below, by code.",
        parent=model.CauseCategory.parent_id,
    )
    findings: Connection[FindingRef] = listing(
        model.Finding,
        policy.READ,
        FindingFilter,
        FindingOrder,
        ("detected_on",),
        "The findings with a cause of this very category, oldest first.",
        parent=model.Finding.cause_category_id,
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE_CAUSES, "change the category")


@record(
    model.FindingClause,
    "A clause that a finding is written against.",
    named=("clause.standard.code", "clause.number"),
)
class FindingClause(Authored, Recorded, Node):
    """A clause that a finding is written against."""

    is_primary: bool = column("Whether it is the one that counts in statistics.")
    finding: FindingRef | None = belongs_to(finding_by_id, "finding_id", "The finding.")
    clause: ClauseRef | None = belongs_to(clause_by_id, "clause_id", "The clause.")


@record(model.Finding, "Something found, for better or worse, and what became of it.")
class Finding(Authored, Recorded, Node):
    """Something found, and what became of it."""

    reference: str = column(
        "NC-, OBS-, OFI- or GP- by its first grade, the year and a number; it never changes."
    )
    grade: FindingGrade = column("How much it weighs.")
    source_type: FindingSource = column("What brought it to light.")
    status: FindingStatus = column("Where it stands.")
    title: str = column("What it is about, in a line.")
    statement: str | None = column("What the matter is; has to be there when it is opened.")
    evidence_text: str | None = column("What was seen; has to be there when it is opened.")
    requirement_text: str | None = column("What should have been, in your own words.")
    severity: int | None = column("1 (negligible) to 5 (catastrophic).")
    detected_on: date = column("The day on which it was detected.")
    containment_text: str | None = column("What keeps its effects in check.")
    no_containment_reason: str | None = column("Why nothing has to.")
    contained_at: datetime | None = column("When its effects were said to be under control.")
    disposition: FindingDisposition | None = column("What becomes of the output at fault.")
    root_cause: str | None = column("Why it came to be; a nonconformity needs it before action.")
    is_systemic: bool = column("Whether the system itself is at fault, not one case.")
    opened_on: date | None = column("The day it was opened, from which its due days count.")
    response_due_on: date | None = column(
        "When cause and action are due: 30 days after the opening for MAJOR, 60 for MINOR."
    )
    closure_due_on: date | None = column(
        "When it is to be closed: 90 days after the opening for MAJOR, 180 for MINOR."
    )
    accepted_until: date | None = column("Last day of its concession, where it is ACCEPTED.")
    is_overdue: bool = is_overdue(
        model.Finding,
        policy.READ,
        model.due,
        "`responseDueOn` while it is OPEN, CONTAINED or ANALYSIS, `closureDueOn` in ACTION and "
        "VERIFICATION, `acceptedUntil` in ACCEPTED",
    )
    days_until_due: int | None = days_until_due(model.Finding, policy.READ, model.due)
    reopen_count: int = column("How often it was closed too early.")
    closed_on: date | None = column("The day it was closed.")
    closing_comment: str | None = column("How it was answered, or what its verifier said.")
    site: SiteRef | None = belongs_to(site_by_id, "site_id", "Where it was found.")
    department: DepartmentRef | None = belongs_to(
        department_by_id, "department_id", "The department it was found in."
    )
    process: ProcessRef | None = belongs_to(
        process_by_id, "process_id", "The process it was found in."
    )
    detected_by: UserRef | None = belongs_to(user_by_id, "detected_by_id", "Who detected it.")
    owner: UserRef | None = belongs_to(
        user_by_id, "owner_id", "Who answers for it, and may take it up to verification."
    )
    contained_by: UserRef | None = belongs_to(
        user_by_id, "contained_by_id", "Who said that its effects are under control."
    )
    verified_by: UserRef | None = belongs_to(
        user_by_id, "verified_by_id", "Who verified and closed it; never its owner."
    )
    cause_category: CauseCategoryRef | None = belongs_to(
        cause_category_by_id, "cause_category_id", "What sort of cause it has."
    )
    repeat_of: FindingRef | None = belongs_to(
        finding_by_id, "repeat_of_id", "The finding that it repeats; null if hidden from you."
    )
    audit: AuditRef | None = belongs_to(
        audit_by_id, "audit_id", "The audit that brought it to light; null if none, or hidden."
    )
    response: AuditResponseRef | None = belongs_to(
        audit_response_by_id,
        "response_id",
        "The answer of the audit that it is about; null if none, or hidden.",
    )
    primary_clause: FindingClauseRef | None = belongs_to(
        primary_clause_of_finding, "id", "The clause that it counts for in statistics."
    )
    clauses: list[FindingClauseRef] = has_many(
        clauses_of_finding, "What it is written against, the primary clause first."
    )
    similar: list[FindingRef] = has_many(
        similar_findings,
        "Others with the same primary clause and site, detected within 24 months of it, the "
        "newest first; of the same cause category, once it has one. None is VOID.",
    )
    available_transitions: list[AvailableTransition] = transitions(model.Finding.workflow)
    viewer_can_update: bool = viewer_can_on(
        model.Finding,
        policy.UPDATE,
        policy.is_changeable,
        "change it: it has not ended, and is your own draft where your role changes no others",
    )
    viewer_can_regrade: bool = viewer_can_on(
        model.Finding, policy.REGRADE, policy.goes_on, "regrade it: it has not ended"
    )
