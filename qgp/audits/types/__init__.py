"""GraphQL types of audits."""

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
from qgp.audits.types.links import AuditAuditee, AuditClause, AuditStandard, AuditTeamMember
from qgp.audits.types.report import AuditReport
from qgp.audits.types.report_compilation import compile_report
from qgp.audits.types.responses import AuditResponse, SampleItem, SampleSet
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
    return await compile_report(root, info.context)


@record(
    model.Audit,
)
class Audit(Authored, Recorded, Node):
    """A systematic, independent and documented evaluation of audit evidence against audit criteria
    (ISO 9000:2015, 3.13.1)."""

    reference: str = column("Reference number, e.g. AUD-2026-0001.", LISTED)
    type: AuditType = column("Subject of the audit.", EDITABLE | LISTED)
    method: AuditMethod = column("Audit method (ISO 19011:2018, A.1).", EDITABLE | FILTER)
    source: AuditSource = column("Party on whose behalf the audit is conducted.", EDITABLE | FILTER)
    status: AuditStatus = column("Status.", LISTED)
    title: str = column("Title, one line.", EDITABLE | LISTED)
    scope: str | None = column(
        "Audit scope (ISO 9000:2015, 3.13.5). Required before `auditSchedule`.",
        EDITABLE | FILTER,
        max_length=PROSE,
    )
    criteria: str | None = column(
        "Audit criteria other than standards and clauses (ISO 9000:2015, 3.13.7).",
        EDITABLE,
        max_length=PROSE,
    )
    planned_start_on: date | None = column(
        "Planned first day. Required before `auditSchedule`.", EDITABLE | LISTED
    )
    planned_end_on: date | None = column(
        "Planned last day, on or after `plannedStartOn`. Required before `auditSchedule`.",
        EDITABLE | LISTED,
    )
    started_at: datetime | None = column("Start of the fieldwork; null before.", FILTER)
    completed_at: datetime | None = column("Completion of the fieldwork; null before.", FILTER)
    reported_on: date | None = column("Date the audit report was issued; null before.", LISTED)
    closed_on: date | None = column("Date the audit was closed; null before.", LISTED)
    opening_notes: str | None = column(
        "Notes of the opening meeting (ISO 19011:2018, 6.4.3).", UPDATE, max_length=PROSE
    )
    closing_notes: str | None = column(
        "Notes of the closing meeting (ISO 19011:2018, 6.4.10).", UPDATE, max_length=PROSE
    )
    external_body: str | None = column(
        "External auditing organization, e.g. a certification body; null for an internal "
        "audit team.",
        EDITABLE | FILTER,
    )
    external_reference: str | None = column(
        "Reference of the audit at the external auditing organization.", EDITABLE
    )
    raw_score: Decimal | None = column("Points achieved; null before the fieldwork is completed.")
    max_score: Decimal | None = column(
        "Highest number of points that the responses could achieve; null before the fieldwork is "
        "completed."
    )
    score_pct: Decimal | None = column(
        "Score in percent, 0 to 100 with two decimals, by the weights of questions and "
        "sections; null before the fieldwork is completed, or if no scored question was "
        "answered.",
        LISTED,
    )
    score_hash: str | None = column(
        "SHA-256, in hex, of the inputs of the score: template version, weights, marks and "
        "responses."
    )
    overridden_pct: Decimal | None = column(
        "Percentage that overrides `scorePct`; null if not overridden.", FILTER
    )
    override_reason: str | None = column("Reason for overriding the score; null if not overridden.")
    post_capa_pct: Decimal | None = column(
        "Score in percent at closing, counting each failure as fully met whose findings are "
        "all CLOSED; null before closing."
    )
    result: AuditResult | None = column(
        "Result derived from `overriddenPct`, or else `scorePct`; null before the fieldwork "
        "is completed.",
        LISTED,
    )
    conclusion: AuditConclusion | None = column(
        "Audit conclusion (ISO 9000:2015, 3.13.10). Required before `auditSubmit`.", UPDATE | FILTER
    )
    site: SiteRef | None = belongs_to(
        site_by_id, "Audited site; null for the whole organization.", EDITABLE | FILTER
    )
    department: DepartmentRef | None = belongs_to(
        department_by_id,
        "Audited department; its members are not on the audit team.",
        EDITABLE | FILTER,
        note="Changing it revokes the impartiality overrides of the audit team.",
    )
    process: ProcessRef | None = belongs_to(
        process_by_id,
        "Audited process; its owner is not on the audit team.",
        EDITABLE | FILTER,
        note="Changing it revokes the impartiality overrides of the audit team.",
    )
    template_version: TemplateVersionRef | None = belongs_to(
        template_version_by_id,
        "Template version that provides the checklist; null for none.",
        EDITABLE | FILTER,
        note="Must be PUBLISHED.",
    )
    lead_auditor: UserRef | None = belongs_to(
        user_by_id,
        "Lead auditor.",
        EDITABLE | FILTER,
        note="Becomes the LEAD of the audit team, which a previous lead auditor leaves. Must "
        "neither belong to the audited department nor own the audited process, unless an "
        "administrator added them to the team with a reason before (auditTeamMemberAdd).",
    )
    overridden_by: UserRef | None = belongs_to(
        user_by_id, "User who overrode the score; null if not overridden."
    )
    reviewed_by: UserRef | None = belongs_to(
        user_by_id,
        "Reviewer who issued the audit report, and took no part in the audit; null before.",
        FILTER,
    )
    team: list[AuditTeamMemberRef] = has_many(
        team_of_audit, "Audit team in the order of joining.", FILTER
    )
    auditees: list[UserRef] = has_many(
        linked_by(
            model.AuditAuditee.user_id,
            user_by_id,
            by=model.AuditAuditee.audit_id,
            read=policy.READ_AUDITEES,
        ),
        "Representatives of the auditee (ISO 9000:2015, 3.13.12) who are visible to you.",
        FILTER,
    )
    standards: list[StandardRef] = has_many(
        linked_by(
            model.AuditStandard.standard_id,
            standard_by_id,
            by=model.AuditStandard.audit_id,
            read=policy.READ_STANDARDS,
        ),
        "Standards of the audit criteria.",
        FILTER,
    )
    clauses: Connection[AuditClauseRef] = listing(
        audit_clauses,
        "Clauses of the audit criteria, at most 200, in the order of entry.",
        FILTER,
        order=("created_at",),
        parent=model.AuditClause.audit_id,
    )
    responses: Connection[AuditResponseRef] = listing(
        audit_responses,
        "Responses, oldest first.",
        FILTER,
        parent=model.AuditResponse.audit_id,
    )
    sample_sets: Connection[SampleSetRef] = listing(
        sample_sets, "Sample sets, oldest first.", parent=model.SampleSet.audit_id
    )
    report: AuditReport = computed(_report, "Content of the printed audit report, as of now.")
    available_transitions: list[AvailableTransition] = transitions(workflow.AUDIT)
    viewer_can_update: bool = viewer_can_on(
        policy.UPDATE,
        policy.is_changeable,
        "change the audit: before its report is issued; LEAD_AUDITOR and AUDITOR those that "
        "they lead or created",
    )
    viewer_can_record_responses: bool = viewer_can_on(
        policy.RECORD_RESPONSES,
        policy.is_answerable,
        "record responses now: on the audit team, no observer, the audit IN_PROGRESS",
    )
    viewer_can_draft_findings: bool = viewer_can_on(
        policy.DRAFT_FINDINGS,
        policy.is_draftable,
        "have findings of failing responses drafted now (auditFindingsDraft): quality roles "
        "and the audit team other than observers, while the audit is IN_PROGRESS or "
        "FIELDWORK_DONE",
    )
    viewer_can_override_score: bool = viewer_can_on(
        policy.DECIDE,
        policy.is_overridable,
        "override the score now: computed, and the report not issued",
    )
