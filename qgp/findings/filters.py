"""How the register and the tree of causes are filtered and ordered."""

from qgp.audits.filters import AuditFilter, AuditResponseFilter
from qgp.audits.policy import READ as READ_AUDITS
from qgp.audits.policy import READ_RESPONSES
from qgp.findings import model
from qgp.findings.enums import FindingDisposition, FindingGrade, FindingSource, FindingStatus
from qgp.findings.policy import READ, READ_CAUSES, READ_CLAUSES
from qgp.kit.gql import (
    BooleanFilter,
    DateFilter,
    EnumFilter,
    IDFilter,
    IntFilter,
    StringFilter,
    filters,
    ordering,
    related,
    some,
    where,
)
from qgp.organizations.policy import READ as READ_PLACES
from qgp.organizations.types import DepartmentFilter, SiteFilter
from qgp.processes.filters import ProcessFilter
from qgp.processes.policy import READ as READ_PROCESSES
from qgp.standards.filters import ClauseFilter
from qgp.standards.policy import READ as READ_STANDARDS


@filters(model.CauseCategory)
class CauseCategoryFilter:
    """Conditions on a cause category."""

    id: IDFilter | None = where("The category.")
    code: StringFilter | None = where("Its code.")
    name: StringFilter | None = where("Its name.")
    parent_id: IDFilter | None = where("The wider category; `isNull: true` finds the widest.")


@filters(model.FindingClause)
class FindingClauseFilter:
    """Conditions on a clause that a finding is written against."""

    finding_id: IDFilter | None = where("The finding.")
    finding: "FindingFilter | None" = related("finding_id", READ, "The finding.")
    clause_id: IDFilter | None = where("The clause.")
    clause: ClauseFilter | None = related("clause_id", READ_STANDARDS, "The clause.")
    is_primary: BooleanFilter | None = where("Whether it is the one that counts.")


@filters(model.Finding)
class FindingFilter:
    """Conditions on a finding."""

    id: IDFilter | None = where("The finding.")
    reference: StringFilter | None = where("Its reference, e.g. NC-2026-0001.")
    grade: EnumFilter[FindingGrade] | None = where("How much it weighs.")
    source_type: EnumFilter[FindingSource] | None = where("What brought it to light.")
    status: EnumFilter[FindingStatus] | None = where("Where it stands.")
    title: StringFilter | None = where("Its title.")
    statement: StringFilter | None = where("What the matter is.")
    severity: IntFilter | None = where("1 (negligible) to 5 (catastrophic).")
    disposition: EnumFilter[FindingDisposition] | None = where("What becomes of the output.")
    is_systemic: BooleanFilter | None = where("Whether the system itself is at fault.")
    detected_on: DateFilter | None = where("When it was detected.")
    opened_on: DateFilter | None = where("When it was issued; `isNull: true` finds what was not.")
    response_due_on: DateFilter | None = where("When cause and action are due.")
    closure_due_on: DateFilter | None = where(
        "When it is to be closed; `lt` today, with the states that are not ended, is overdue."
    )
    accepted_until: DateFilter | None = where("Last day of its concession.")
    closed_on: DateFilter | None = where("When it was closed.")
    reopen_count: IntFilter | None = where("How often it was closed too early.")
    site_id: IDFilter | None = where("The site.")
    site: SiteFilter | None = related("site_id", READ_PLACES, "The site.")
    department_id: IDFilter | None = where("The department.")
    department: DepartmentFilter | None = related("department_id", READ_PLACES, "The department.")
    process_id: IDFilter | None = where("The process.")
    process: ProcessFilter | None = related("process_id", READ_PROCESSES, "The process.")
    owner_id: IDFilter | None = where("Who answers for it.")
    detected_by_id: IDFilter | None = where("Who detected it.")
    contained_by_id: IDFilter | None = where("Who contained it.")
    verified_by_id: IDFilter | None = where("Who verified it.")
    cause_category_id: IDFilter | None = where("What sort of cause it has.")
    cause_category: CauseCategoryFilter | None = related(
        "cause_category_id", READ_CAUSES, "What sort of cause it has."
    )
    repeat_of_id: IDFilter | None = where("What it repeats; `isNull: false` finds repeats.")
    audit_id: IDFilter | None = where("The audit that brought it to light.")
    audit: AuditFilter | None = related(
        "audit_id", READ_AUDITS, "The audit that brought it to light."
    )
    response_id: IDFilter | None = where("The answer of the audit that it is about.")
    response: AuditResponseFilter | None = related(
        "response_id", READ_RESPONSES, "The answer of the audit that it is about."
    )
    clauses: FindingClauseFilter | None = some(
        "finding_id", READ_CLAUSES, "At least one clause that it is written against fits."
    )


CauseCategoryOrder = ordering("CauseCategory", code="code", name="name")
FindingClauseOrder = ordering("FindingClause", finding="finding_id", clause="clause_id")
FindingOrder = ordering(
    "Finding",
    reference="reference",
    grade="grade",
    status="status",
    severity="severity",
    title="title",
    detected_on="detected_on",
    response_due_on="response_due_on",
    closure_due_on="closure_due_on",
    closed_on="closed_on",
)
