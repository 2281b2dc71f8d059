"""States and transitions of an audit, from announcement to follow-up (ISO 19011:2018, 6)."""

from qgp.audits import guards
from qgp.audits.commands import transitions
from qgp.audits.model import Audit
from qgp.audits.model.terms import UNBEGUN, UNISSUED, AuditStatus
from qgp.audits.policy import DECIDE, MOVE, READ, REVIEW, SCHEDULE
from qgp.kit.policy import QUALITY
from qgp.kit.sealing import Seal, SealedRows
from qgp.kit.signing import Meaning
from qgp.kit.transitions import Transition, caller, cleared, now, today
from qgp.kit.workflow import Workflow

_LEAD = ("lead_auditor_id",)
_ARRANGED = (
    *("title", "type", "scope", "criteria", "method", "source", "site_id", "department_id"),
    *("process_id", "template_version_id", "lead_auditor_id", "external_body"),
    "external_reference",
)
_CONCLUDED = (
    *("started_at", "completed_at", "opening_notes", "closing_notes", "raw_score", "max_score"),
    *("score_pct", "score_hash", "overridden_pct", "override_reason", "overridden_by_id"),
    *("result", "conclusion"),
)
_ROWS = (
    SealedRows("audit_standards", "audit_id", field="standards"),
    SealedRows("audit_clauses", "audit_id", field="clauses"),
    SealedRows("audit_team_members", "audit_id", field="team"),
    SealedRows("audit_auditees", "audit_id", field="auditees"),
    SealedRows("audit_responses", "audit_id"),
    SealedRows(
        "sample_sets", "audit_id", Seal(rows=(SealedRows("sample_items", "sample_set_id"),))
    ),
    SealedRows("findings", "audit_id"),  # a late one is a supplement, which the report lists so
)
_REPORT = Seal((*_ARRANGED, *_CONCLUDED), _ROWS)

AUDIT = Workflow(
    Audit,
    READ,
    {AuditStatus.PLANNED},
    Transition(
        "auditSchedule",
        {AuditStatus.PLANNED},
        AuditStatus.SCHEDULED,
        "Announces an audit to the auditee. Requires planned dates, a lead auditor, a scope, "
        "and a clause or a template version as audit criteria.",
        SCHEDULE,
        guards=(guards.dated, guards.led, guards.scoped, guards.has_subject),
    ),
    Transition(
        "auditStart",
        {AuditStatus.SCHEDULED},
        AuditStatus.IN_PROGRESS,
        "Starts the fieldwork of an audit. Requires an impartial (ISO 9001:2015, 9.2.2 c) and "
        "competent (7.2) audit team.",
        MOVE,
        QUALITY,
        guards=(guards.is_impartial, guards.is_competent),
        owners=_LEAD,
        sets={"started_at": now},
    ),
    Transition(
        "auditCompleteFieldwork",
        {AuditStatus.IN_PROGRESS},
        AuditStatus.FIELDWORK_DONE,
        "Completes the fieldwork and computes the score. Requires a response to each required "
        "question, a result of each sample item, and for each failing response the comment, "
        "photo, finding and action that its question requires; and an audit team that still is "
        "impartial.",
        MOVE,
        QUALITY,
        guards=(
            guards.is_answered,
            guards.is_sampled,
            guards.is_followed_up,
            guards.is_impartial,
        ),
        owners=_LEAD,
        sets={"completed_at": now},
        service=transitions.complete_fieldwork,
    ),
    Transition(  # the lead auditor signs in person, so no quality role may submit
        "auditSubmit",
        {AuditStatus.FIELDWORK_DONE},
        AuditStatus.IN_REVIEW,
        "Submits an audit for review, signed AUTHORED by the lead auditor. Requires a "
        "conclusion, an impartial audit team, and for each failing response still what its "
        "question requires. If the lead auditor has left, name another one first (auditUpdate "
        "with leadAuditorId).",
        MOVE,
        frozenset(),
        guards=(
            guards.is_followed_up,
            guards.is_explained,
            guards.is_issuable,
            guards.concluded,
            guards.is_impartial,
        ),
        owners=_LEAD,
        signature=Meaning.AUTHORED,
        seals=_REPORT,
    ),
    Transition(
        "auditIssueReport",
        {AuditStatus.IN_REVIEW},
        AuditStatus.REPORTED,
        "Issues the audit report, signed REVIEWED, and opens the audit's draft findings. Requires "
        "a VALID signature (AUTHORED) of the lead auditor, who signs again (`recordSign`) what "
        "was corrected or added in review, and an impartial audit team. Segregation of duties: "
        "not for those who took part in the audit.",
        REVIEW,
        guards=(
            guards.has_other_eyes,
            guards.is_issuable,
            guards.is_signed_by_author,
            guards.is_impartial,
        ),
        signature=Meaning.REVIEWED,
        seals=_REPORT,
        sets={"reported_on": today, "reviewed_by_id": caller},
        service=transitions.issue_report,
        emits="reported",
    ),
    Transition(
        "auditReturn",
        {AuditStatus.IN_REVIEW},
        AuditStatus.IN_PROGRESS,
        "Returns an audit from review to its team. Segregation of duties: not for those who took "
        "part in the audit.",
        REVIEW,
        guards=(guards.has_other_eyes,),
        requires_reason=True,
        sets=cleared(
            "raw_score",
            "max_score",
            "score_pct",
            "score_hash",
            "overridden_pct",
            "override_reason",
            "overridden_by_id",
            "result",
            "completed_at",
        ),
    ),
    Transition(
        "auditClose",
        {AuditStatus.REPORTED},
        AuditStatus.CLOSED,
        "Closes an audit after its follow-up. Requires each finding to be CLOSED, ACCEPTED in the "
        "term of its concession, or VOID.",
        MOVE,
        QUALITY,
        guards=(guards.has_ended,),
        owners=_LEAD,
        sets={"closed_on": today},
        service=transitions.close,
    ),
    Transition(
        "auditReopen",
        {AuditStatus.CLOSED},
        AuditStatus.REPORTED,
        "Reopens a closed audit for further follow-up, such as a late finding; its report and "
        "signatures stay.",
        DECIDE,
        requires_reason=True,
        sets=cleared("closed_on", "post_capa_pct"),
    ),
    Transition(
        "auditCancel",
        UNBEGUN | {AuditStatus.IN_PROGRESS},
        AuditStatus.CANCELLED,
        "Cancels an audit before its fieldwork is completed. Requires its draft findings to be "
        "opened or voided.",
        DECIDE,
        guards=(guards.has_no_drafts,),
        requires_reason=True,
    ),
    seals=Seal(_ARRANGED, _ROWS, _CONCLUDED),
    closed=frozenset(AuditStatus) - UNISSUED,
)
