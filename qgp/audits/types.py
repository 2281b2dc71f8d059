"""Audits as clients see them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qgp.audits import gathering, model, policy
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
from qgp.audits.filters import (
    AuditClauseFilter,
    AuditClauseOrder,
    AuditResponseFilter,
    AuditResponseOrder,
    SampleItemFilter,
    SampleItemOrder,
    SampleSetFilter,
    SampleSetOrder,
)
from qgp.audits.links import auditees_of_audit, standards_of_audit
from qgp.audits.loaders import audit_by_id, sample_set_by_id, team_of_audit
from qgp.audits.refs import (
    AuditClauseRef,
    AuditRef,
    AuditResponseRef,
    AuditTeamMemberRef,
    SampleItemRef,
    SampleSetRef,
)
from qgp.audits.reporting import AuditReport, reported
from qgp.audits.terms import ANSWERERS
from qgp.audits.values import AnswerValue, value_of
from qgp.kit.gql import (
    AvailableTransition,
    Connection,
    Node,
    Recorded,
    belongs_to,
    column,
    computed,
    has_many,
    listing,
    record,
    transitions,
    viewer_can,
)
from qgp.kit.gql.fields import Info
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import process_by_id
from qgp.processes.refs import ProcessRef
from qgp.standards.loaders import clause_by_id
from qgp.standards.refs import ClauseRef, StandardRef
from qgp.templates.loaders import question_by_id, template_version_by_id
from qgp.templates.refs import QuestionRef, TemplateVersionRef
from qgp.users.authorship import Authored
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@record(model.AuditClause, "A clause that an audit covers.")
class AuditClause(Authored, Recorded, Node):
    """A clause that an audit covers."""

    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    clause: ClauseRef | None = belongs_to(clause_by_id, "clause_id", "The clause.")


@record(model.AuditTeamMember, "Somebody of the team of an audit.")
class AuditTeamMember(Authored, Recorded, Node):
    """Somebody of the team."""

    role: AuditTeamRole = column("What they do in the audit.")
    override_reason: str | None = column(
        "Why an administrator lets them audit what they belong to; null where nobody had to."
    )
    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    user: UserRef | None = belongs_to(user_by_id, "user_id", "Who it is.")
    overridden_by: UserRef | None = belongs_to(
        user_by_id, "overridden_by_id", "The administrator who said why."
    )
    viewer_can_override: bool = viewer_can(
        policy.OVERRIDE, "say why they may audit what they belong to"
    )


@record(model.AuditResponse, "The answer to a question, in one run of its section.")
class AuditResponse(Authored, Recorded, Node):
    """The answer to a question."""

    repeat_index: int = column("The run of its section, from 0.")
    value: AnswerValue | None = computed(value_of, "What was answered; null if `isNa`.")
    is_na: bool = column("Whether it says that the question does not apply.")
    na_reason: str | None = column("Why the question does not apply.")
    comment: str | None = column("What was seen.")
    score: Decimal | None = column("Its points; null where the question is not scored, or N/A.")
    max_score: Decimal | None = column("Points of the best answer; null likewise.")
    is_failed: bool = column("Whether it fails its question; counts while the question shows.")
    no_finding_reason: str | None = column("Why a failing answer needs no finding.")
    client_id: str = column("The device that wrote what stands.")
    client_sequence: int = column("That device's count of what it wrote.")
    answered_at: datetime = column("When it was answered, by the device's clock.")
    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    question: QuestionRef | None = belongs_to(question_by_id, "question_id", "What was asked.")
    answered_by: UserRef | None = belongs_to(user_by_id, "answered_by_id", "Who answered.")


@record(model.SampleItem, "One item of a sample.")
class SampleItem(Authored, Recorded, Node):
    """One item of a sample."""

    position: int = column("Its place in the sample, from 1.")
    number: int | None = column("Which item of the population it is, from 1; null if not drawn.")
    reference: str | None = column("What the item is called where it comes from.")
    result: SampleResult | None = column("What was seen; null until it was looked at.")
    evidence: str | None = column("What shows it.")
    sample_set: SampleSetRef | None = belongs_to(sample_set_by_id, "sample_set_id", "The sample.")


@record(model.SampleSet, "What was looked at of something too large to be looked at as a whole.")
class SampleSet(Authored, Recorded, Node):
    """A sample."""

    population_description: str = column("What it is chosen from.")
    population_size: int = column("How many there are to choose from.")
    method: SampleMethod = column("How it is chosen.")
    seed: str | None = column(
        "What a RANDOM sample is drawn from, null for others. For k = 1, 2, 3, … the SHA-256 of "
        "the text `<seed>:<k>` is taken as one number; its remainder by populationSize, plus 1, "
        "is drawn unless it was before, until there are `size` numbers, which are put in order."
    )
    size: int = column("How many items it has, 1 to 200.")
    audit: AuditRef | None = belongs_to(audit_by_id, "audit_id", "The audit.")
    items: Connection[SampleItemRef] = listing(
        model.SampleItem,
        policy.READ_ITEMS,
        SampleItemFilter,
        SampleItemOrder,
        ("position",),
        "Its items, by position.",
        parent=model.SampleItem.sample_set_id,
    )


def _may_update(root: Any, info: Info) -> bool:
    return policy.may_update(info.context.caller, root)


async def _may_respond(root: Any, info: Info) -> bool:
    if root.status is not AuditStatus.IN_PROGRESS:
        return False
    team = await info.context.load(gathering.team, root.id)
    me = info.context.caller.user_id
    return any(id == me and role in ANSWERERS for id, _, role, _ in team)


def _may_override_score(root: Any, info: Info) -> bool:
    return policy.may_override_score(info.context.caller, root)


async def _report(root: Any, info: Info) -> AuditReport:
    return await reported(root, info.context)


@record(
    model.Audit,
    "A look at whether things are as they should be, by people who are not in charge of them.",
)
class Audit(Authored, Recorded, Node):
    """A look at whether things are as they should be."""

    reference: str = column("What people call it, e.g. AUD-2026-0001.")
    type: AuditType = column("What is audited.")
    method: AuditMethod = column("How evidence is come by.")
    source: AuditSource = column("On whose behalf.")
    status: AuditStatus = column("Where it stands.")
    title: str = column("What it is about, in a line.")
    scope: str | None = column("What it looks at; has to be there when it is scheduled.")
    criteria: str | None = column("What it is held against, besides standards and clauses.")
    planned_start_on: date | None = column("Its first day as planned.")
    planned_end_on: date | None = column("Its last day as planned.")
    started_at: datetime | None = column("When it was begun.")
    completed_at: datetime | None = column("When its fieldwork was done.")
    reported_on: date | None = column("When it was issued.")
    closed_on: date | None = column("When it was closed.")
    opening_notes: str | None = column("Notes of the opening meeting.")
    closing_notes: str | None = column("Notes of the closing meeting.")
    external_body: str | None = column("Who audits, where that is somebody from outside.")
    external_reference: str | None = column("What they call the audit.")
    raw_score: Decimal | None = column("Points reached, once the fieldwork is done.")
    max_score: Decimal | None = column("Points that the answers could reach.")
    score_pct: Decimal | None = column(
        "0 to 100 with two decimals, by the weights of questions and sections; null where nothing "
        "was measured, or the fieldwork goes on."
    )
    score_hash: str | None = column(
        "SHA-256, in hex, of all that the score was made from: checklist, weights, marks, answers."
    )
    overridden_pct: Decimal | None = column("The percentage that counts in place of `scorePct`.")
    override_reason: str | None = column("Why the score was overridden.")
    post_capa_pct: Decimal | None = column(
        "What the percentage would be at the closing, with the failures mended whose findings are "
        "CLOSED; null before."
    )
    result: AuditResult | None = column(
        "What the percentage that counts says; null until the fieldwork is done."
    )
    conclusion: AuditConclusion | None = column("What the auditors make of it all.")
    site: SiteRef | None = belongs_to(site_by_id, "site_id", "Where it takes place.")
    department: DepartmentRef | None = belongs_to(
        department_by_id, "department_id", "The audited department; nobody of it audits."
    )
    process: ProcessRef | None = belongs_to(
        process_by_id, "process_id", "The audited process; its owner does not audit."
    )
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id, "template_version_id", "The checklist it goes by."
    )
    lead_auditor: UserRef | None = belongs_to(user_by_id, "lead_auditor_id", "Who leads it.")
    overridden_by: UserRef | None = belongs_to(
        user_by_id, "overridden_by_id", "Who overrode the score."
    )
    reviewed_by: UserRef | None = belongs_to(
        user_by_id, "reviewed_by_id", "Who reviewed and issued it; never its lead."
    )
    team: list[AuditTeamMemberRef] = has_many(
        team_of_audit, "Who audits, in the order they joined; at most 50."
    )
    auditees: list[UserRef] = has_many(
        auditees_of_audit, "Who is audited, as far as you see them; at most 50."
    )
    standards: list[StandardRef] = has_many(
        standards_of_audit, "The standards it is held against; at most 50."
    )
    clauses: Connection[AuditClauseRef] = listing(
        model.AuditClause,
        policy.READ_CLAUSES,
        AuditClauseFilter,
        AuditClauseOrder,
        ("created_at",),
        "The clauses it covers, at most 200, in the order they were named.",
        parent=model.AuditClause.audit_id,
    )
    responses: Connection[AuditResponseRef] = listing(
        model.AuditResponse,
        policy.READ_RESPONSES,
        AuditResponseFilter,
        AuditResponseOrder,
        ("created_at",),
        "Its answers, the oldest first.",
        parent=model.AuditResponse.audit_id,
    )
    sample_sets: Connection[SampleSetRef] = listing(
        model.SampleSet,
        policy.READ_SAMPLES,
        SampleSetFilter,
        SampleSetOrder,
        ("created_at",),
        "Its samples, the oldest first.",
        parent=model.SampleSet.audit_id,
    )
    report: AuditReport = computed(
        _report, "Everything that a printed report shows, as of now, in one read."
    )
    available_transitions: list[AvailableTransition] = transitions()
    viewer_can_update: bool = computed(
        _may_update,
        "Whether you may change the audit: until it is reported; auditors those that they lead or "
        "planned.",
    )
    viewer_can_respond: bool = computed(
        _may_respond, "Whether you may answer now: on the team, no observer, fieldwork under way."
    )
    viewer_can_override_score: bool = computed(
        _may_override_score, "Whether you may override the score now."
    )
