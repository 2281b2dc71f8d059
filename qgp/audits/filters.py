"""How audits and what belongs to them are filtered and ordered."""

from qgp.audits import model
from qgp.audits.enums import (
    AuditConclusion,
    AuditMethod,
    AuditResult,
    AuditSource,
    AuditStatus,
    AuditTeamRole,
    AuditType,
    SampleMethod,
    SampleResult,
)
from qgp.audits.policy import (
    READ,
    READ_AUDITEES,
    READ_CLAUSES,
    READ_RESPONSES,
    READ_SAMPLES,
    READ_STANDARDS,
    READ_TEAM,
)
from qgp.kit.gql import (
    BooleanFilter,
    DateFilter,
    DateTimeFilter,
    DecimalFilter,
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
from qgp.standards.filters import ClauseFilter, StandardFilter
from qgp.standards.policy import READ as READ_LIBRARY
from qgp.templates.filters import QuestionFilter, TemplateVersionFilter
from qgp.templates.policy import READ as READ_TEMPLATES
from qgp.users.policy import READ as READ_USERS
from qgp.users.types import UserFilter


@filters(model.AuditStandard)
class AuditStandardFilter:
    """Conditions on a standard that an audit is held against."""

    audit_id: IDFilter | None = where("The audit.")
    audit: "AuditFilter | None" = related("audit_id", READ, "The audit.")
    standard_id: IDFilter | None = where("The standard.")
    standard: StandardFilter | None = related("standard_id", READ_LIBRARY, "The standard.")


@filters(model.AuditClause)
class AuditClauseFilter:
    """Conditions on a clause that an audit covers."""

    audit_id: IDFilter | None = where("The audit.")
    audit: "AuditFilter | None" = related("audit_id", READ, "The audit.")
    clause_id: IDFilter | None = where("The clause.")
    clause: ClauseFilter | None = related("clause_id", READ_LIBRARY, "The clause.")


@filters(model.AuditTeamMember)
class AuditTeamMemberFilter:
    """Conditions on somebody of a team."""

    audit_id: IDFilter | None = where("The audit.")
    audit: "AuditFilter | None" = related("audit_id", READ, "The audit.")
    user_id: IDFilter | None = where("Who it is.")
    user: UserFilter | None = related("user_id", READ_USERS, "Who it is.")
    role: EnumFilter[AuditTeamRole] | None = where("What they do.")
    override_reason: StringFilter | None = where(
        "Why they may audit what they belong to; `isNull: false` finds whoever does."
    )


@filters(model.AuditAuditee)
class AuditAuditeeFilter:
    """Conditions on somebody who is audited."""

    audit_id: IDFilter | None = where("The audit.")
    audit: "AuditFilter | None" = related("audit_id", READ, "The audit.")
    user_id: IDFilter | None = where("Who it is.")
    user: UserFilter | None = related("user_id", READ_USERS, "Who it is.")


@filters(model.AuditResponse)
class AuditResponseFilter:
    """Conditions on an answer."""

    id: IDFilter | None = where("The answer.")
    audit_id: IDFilter | None = where("The audit.")
    audit: "AuditFilter | None" = related("audit_id", READ, "The audit.")
    question_id: IDFilter | None = where("What was asked.")
    question: QuestionFilter | None = related("question_id", READ_TEMPLATES, "What was asked.")
    repeat_index: IntFilter | None = where("The run of its section, from 0.")
    is_na: BooleanFilter | None = where("Whether it says that the question does not apply.")
    is_failed: BooleanFilter | None = where("Whether it fails.")
    answered_by_id: IDFilter | None = where("Who answered.")
    answered_at: DateTimeFilter | None = where("When it was answered.")


@filters(model.SampleSet)
class SampleSetFilter:
    """Conditions on a sample."""

    id: IDFilter | None = where("The sample.")
    audit_id: IDFilter | None = where("The audit.")
    audit: "AuditFilter | None" = related("audit_id", READ, "The audit.")
    method: EnumFilter[SampleMethod] | None = where("How it was chosen.")
    size: IntFilter | None = where("How many items it has.")


@filters(model.SampleItem)
class SampleItemFilter:
    """Conditions on an item of a sample."""

    id: IDFilter | None = where("The item.")
    sample_set_id: IDFilter | None = where("The sample.")
    sample_set: SampleSetFilter | None = related("sample_set_id", READ_SAMPLES, "The sample.")
    number: IntFilter | None = where("Which item of the population it is.")
    reference: StringFilter | None = where("What the item is called.")
    result: EnumFilter[SampleResult] | None = where(
        "What was seen; `isNull: true` finds what was not looked at yet."
    )


@filters(model.Audit)
class AuditFilter:
    """Conditions on an audit."""

    id: IDFilter | None = where("The audit.")
    reference: StringFilter | None = where("Its reference, e.g. AUD-2026-0001.")
    type: EnumFilter[AuditType] | None = where("What is audited.")
    method: EnumFilter[AuditMethod] | None = where("How evidence is come by.")
    source: EnumFilter[AuditSource] | None = where("On whose behalf.")
    status: EnumFilter[AuditStatus] | None = where("Where it stands.")
    title: StringFilter | None = where("Its title.")
    scope: StringFilter | None = where("What it looks at.")
    external_body: StringFilter | None = where("Who audits from outside.")
    planned_start_on: DateFilter | None = where("Its first day as planned.")
    planned_end_on: DateFilter | None = where("Its last day as planned.")
    started_at: DateTimeFilter | None = where("When it was begun.")
    completed_at: DateTimeFilter | None = where("When its fieldwork was done.")
    reported_on: DateFilter | None = where("When it was issued.")
    closed_on: DateFilter | None = where("When it was closed.")
    score_pct: DecimalFilter | None = where("Its percentage as computed.")
    overridden_pct: DecimalFilter | None = where("The percentage in its place.")
    result: EnumFilter[AuditResult] | None = where("What the score says.")
    conclusion: EnumFilter[AuditConclusion] | None = where("What the auditors make of it.")
    site_id: IDFilter | None = where("The site.")
    site: SiteFilter | None = related("site_id", READ_PLACES, "The site.")
    department_id: IDFilter | None = where("The audited department.")
    department: DepartmentFilter | None = related(
        "department_id", READ_PLACES, "The audited department."
    )
    process_id: IDFilter | None = where("The audited process.")
    process: ProcessFilter | None = related("process_id", READ_PROCESSES, "The audited process.")
    template_version_id: IDFilter | None = where("The version of the template it goes by.")
    template_version: TemplateVersionFilter | None = related(
        "template_version_id", READ_TEMPLATES, "The version of the template it goes by."
    )
    programme_item_id: IDFilter | None = where("The item of a programme that it carries out.")
    lead_auditor_id: IDFilter | None = where("Who leads it.")
    lead_auditor: UserFilter | None = related("lead_auditor_id", READ_USERS, "Who leads it.")
    reviewed_by_id: IDFilter | None = where("Who reviewed and issued it.")
    team: AuditTeamMemberFilter | None = some(
        "audit_id", READ_TEAM, "At least one of its team fits."
    )
    auditees: AuditAuditeeFilter | None = some(
        "audit_id", READ_AUDITEES, "At least one who is audited fits."
    )
    standards: AuditStandardFilter | None = some(
        "audit_id", READ_STANDARDS, "At least one standard it is held against fits."
    )
    clauses: AuditClauseFilter | None = some(
        "audit_id", READ_CLAUSES, "At least one clause it covers fits."
    )
    responses: AuditResponseFilter | None = some(
        "audit_id", READ_RESPONSES, "At least one answer fits."
    )


AuditOrder = ordering(
    "Audit",
    reference="reference",
    title="title",
    status="status",
    type="type",
    result="result",
    score_pct="score_pct",
    planned_start_on="planned_start_on",
    planned_end_on="planned_end_on",
    reported_on="reported_on",
    closed_on="closed_on",
)
AuditStandardOrder = ordering("AuditStandard", audit="audit_id", standard="standard_id")
AuditAuditeeOrder = ordering("AuditAuditee", audit="audit_id", user="user_id")
AuditClauseOrder = ordering("AuditClause", audit="audit_id", clause="clause_id")
AuditTeamMemberOrder = ordering("AuditTeamMember", role="role", user="user_id")
AuditResponseOrder = ordering(
    "AuditResponse",
    question="question_id",
    repeat_index="repeat_index",
    answered_at="answered_at",
)
SampleSetOrder = ordering("SampleSet", size="size", population_size="population_size")
SampleItemOrder = ordering("SampleItem", position="position", number="number", result="result")
