"""Audits as clients see them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from qgp.audits import model, policy, workflow
from qgp.audits.loaders import (
    audit_clauses,
    audit_responses,
    sample_sets,
    team_of_audit,
)
from qgp.audits.model.terms import AuditConclusion, AuditResult, AuditSource, AuditStatus, AuditType
from qgp.audits.refs import (
    AuditClauseRef,
    AuditResponseRef,
    AuditTeamMemberRef,
    SampleSetRef,
)
from qgp.audits.types.answers import AuditResponse, SampleItem, SampleSet
from qgp.audits.types.links import AuditAuditee, AuditClause, AuditStandard, AuditTeamMember
from qgp.audits.types.report import AuditReport, reported
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
    computed,
    has_many,
    listing,
    record,
    transitions,
    viewer_can_on,
)
from qgp.kit.gql.fields import Info
from qgp.kit.loader import linked_by
from qgp.kit.shared_terms import AuditMethod
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.processes.loaders import ProcessRef, process_by_id
from qgp.standards.loaders import standard_by_id
from qgp.standards.refs import StandardRef
from qgp.templates.loaders import template_version_by_id
from qgp.templates.refs import TemplateVersionRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored

__all__ = [
    "Audit",
    "AuditAuditee",
    "AuditClause",
    "AuditResponse",
    "AuditStandard",
    "AuditTeamMember",
    "SampleItem",
    "SampleSet",
]


async def _report(root: Any, info: Info) -> AuditReport:
    return await reported(root, info.context)


@record(
    model.Audit,
)
class Audit(Authored, Recorded, Node):
    """A look at whether things are as they should be, by people who are not in charge of them."""

    reference: str = column("What people call it, e.g. AUD-2026-0001.", LISTED)
    type: AuditType = column("What is audited.", EDITABLE | LISTED)
    method: AuditMethod = column("How evidence is come by.", EDITABLE | FILTER)
    source: AuditSource = column("On whose behalf.", EDITABLE | FILTER)
    status: AuditStatus = column("Where it stands.", LISTED)
    title: str = column("What it is about, in a line.", EDITABLE | LISTED)
    scope: str | None = column(
        "What it looks at; has to be there when it is scheduled.",
        EDITABLE | FILTER,
        max_length=PROSE,
    )
    criteria: str | None = column(
        "What it is held against, besides standards and clauses.", EDITABLE, max_length=PROSE
    )
    planned_start_on: date | None = column("Its first day as planned.", EDITABLE | LISTED)
    planned_end_on: date | None = column("Its last day as planned.", EDITABLE | LISTED)
    started_at: datetime | None = column("When it was begun.", FILTER)
    completed_at: datetime | None = column("When its fieldwork was done.", FILTER)
    reported_on: date | None = column("When it was issued.", LISTED)
    closed_on: date | None = column("When it was closed.", LISTED)
    opening_notes: str | None = column("Notes of the opening meeting.", UPDATE, max_length=PROSE)
    closing_notes: str | None = column("Notes of the closing meeting.", UPDATE, max_length=PROSE)
    external_body: str | None = column(
        "Who audits, where that is somebody from outside.", EDITABLE | FILTER
    )
    external_reference: str | None = column("What they call the audit.", EDITABLE)
    raw_score: Decimal | None = column("Points reached, once the fieldwork is done.")
    max_score: Decimal | None = column("Points that the answers could reach.")
    score_pct: Decimal | None = column(
        "0 to 100 with two decimals, by the weights of questions and sections; null where nothing "
        "was measured, or the fieldwork goes on.",
        LISTED,
    )
    score_hash: str | None = column(
        "SHA-256, in hex, of all that the score was made from: checklist, weights, marks, answers."
    )
    overridden_pct: Decimal | None = column(
        "The percentage that counts in place of `scorePct`.", FILTER
    )
    override_reason: str | None = column("Why the score was overridden.")
    post_capa_pct: Decimal | None = column(
        "What the percentage would be at the closing, with the failures mended whose findings are "
        "CLOSED; null before."
    )
    result: AuditResult | None = column(
        "What the percentage that counts says; null until the fieldwork is done.", LISTED
    )
    conclusion: AuditConclusion | None = column(
        "What the auditors make of it all; has to be there when it is submitted.", UPDATE | FILTER
    )
    site: SiteRef | None = belongs_to(site_by_id, "Where it takes place.", EDITABLE | FILTER)
    department: DepartmentRef | None = belongs_to(
        department_by_id,
        "The audited department; nobody of it audits.",
        EDITABLE | FILTER,
        note="Another one revokes the reasons given for ties of the team.",
    )
    process: ProcessRef | None = belongs_to(
        process_by_id,
        "The audited process; its owner does not audit.",
        EDITABLE | FILTER,
        note="Another one revokes the reasons given for ties of the team.",
    )
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id,
        "The checklist it goes by.",
        EDITABLE | FILTER,
        note="It is PUBLISHED.",
    )
    lead_auditor: UserRef | None = belongs_to(
        user_by_id,
        "Who leads it.",
        EDITABLE | FILTER,
        note="Becomes the LEAD of the team: nobody of the audited department, nor the owner of "
        "the process, unless an administrator put them on the team with a reason before. The "
        "former lead leaves the team.",
    )
    overridden_by: UserRef | None = belongs_to(user_by_id, "Who overrode the score.")
    reviewed_by: UserRef | None = belongs_to(
        user_by_id, "Who reviewed and issued it; nobody who took part in it.", FILTER
    )
    team: list[AuditTeamMemberRef] = has_many(
        team_of_audit, "Who audits, in the order they joined.", FILTER
    )
    auditees: list[UserRef] = has_many(
        linked_by(
            model.AuditAuditee.user_id,
            user_by_id,
            by=model.AuditAuditee.audit_id,
            read=policy.READ_AUDITEES,
        ),
        "Who is audited, as far as you see them.",
        FILTER,
    )
    standards: list[StandardRef] = has_many(
        linked_by(
            model.AuditStandard.standard_id,
            standard_by_id,
            by=model.AuditStandard.audit_id,
            read=policy.READ_STANDARDS,
        ),
        "The standards it is held against.",
        FILTER,
    )
    clauses: Connection[AuditClauseRef] = listing(
        audit_clauses,
        "The clauses it covers, at most 200, in the order they were named.",
        FILTER,
        order=("created_at",),
        parent=model.AuditClause.audit_id,
    )
    responses: Connection[AuditResponseRef] = listing(
        audit_responses,
        "Its answers, the oldest first.",
        FILTER,
        parent=model.AuditResponse.audit_id,
    )
    sample_sets: Connection[SampleSetRef] = listing(
        sample_sets, "Its samples, the oldest first.", parent=model.SampleSet.audit_id
    )
    report: AuditReport = computed(
        _report, "Everything that a printed report shows, as of now, in one read."
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.AUDIT)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE,
        policy.is_changeable,
        "change the audit: until it is reported; auditors those that they lead or planned",
    )
    viewer_can_record_responses: bool = viewer_can_on(
        policy.RECORD_RESPONSES,
        policy.is_answerable,
        "answer now: on the team, no observer, fieldwork under way",
    )
    viewer_can_draft_findings: bool = viewer_can_on(
        policy.DRAFT_FINDINGS,
        policy.is_draftable,
        "have the findings of failing answers drafted now (auditFindingsDraft): quality and the "
        "team, but for observers, while it is IN_PROGRESS or FIELDWORK_DONE",
    )
    viewer_can_override_score: bool = viewer_can_on(
        policy.DECIDE,
        policy.is_overridable,
        "override the score now: it is computed, and not reported yet",
    )
