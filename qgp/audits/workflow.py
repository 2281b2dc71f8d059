"""States and transitions of an audit, from announcement to follow-up (ISO 19011:2018, 6)."""

from qgp.audits import guards
from qgp.audits.commands import transitions
from qgp.audits.facts.signed_content import signed_content
from qgp.audits.model import Audit
from qgp.audits.model.terms import UNBEGUN, UNISSUED, AuditStatus
from qgp.audits.policy import DECIDE, MOVE, READ, REVIEW, SCHEDULE
from qgp.kit.policy import QUALITY
from qgp.kit.signing import Meaning
from qgp.kit.transitions import Transition, caller, cleared, now, today
from qgp.kit.workflow import Workflow

_LEAD = ("lead_auditor_id",)

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
        "question, and for each failing response the comment, photo, finding and action that "
        "its question requires.",
        MOVE,
        QUALITY,
        guards=(guards.is_answered, guards.is_followed_up),
        owners=_LEAD,
        sets={"completed_at": now},
        service=transitions.complete_fieldwork,
    ),
    Transition(  # the lead auditor signs in person, so no quality role may submit
        "auditSubmit",
        {AuditStatus.FIELDWORK_DONE},
        AuditStatus.IN_REVIEW,
        "Submits an audit for review, signed AUTHORED by the lead auditor. Requires a "
        "conclusion. If the lead auditor has left, name another one first (auditUpdate with "
        "leadAuditorId).",
        MOVE,
        frozenset(),
        guards=(guards.is_explained, guards.is_issuable, guards.concluded),
        owners=_LEAD,
        signature=Meaning.AUTHORED,
    ),
    Transition(
        "auditIssueReport",
        {AuditStatus.IN_REVIEW},
        AuditStatus.REPORTED,
        "Issues the audit report, signed REVIEWED, and opens the audit's draft findings. "
        "Segregation of duties: not for those who took part in the audit.",
        REVIEW,
        guards=(guards.has_other_eyes, guards.is_issuable),
        signature=Meaning.REVIEWED,
        sets={"reported_on": today, "reviewed_by_id": caller},
        service=transitions.issue_report,
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
        "Closes an audit after its follow-up. Requires each finding to be CLOSED, ACCEPTED or "
        "VOID.",
        MOVE,
        QUALITY,
        guards=(guards.has_ended,),
        owners=_LEAD,
        sets={"closed_on": today},
        service=transitions.close,
    ),
    Transition(
        "auditCancel",
        UNBEGUN | {AuditStatus.IN_PROGRESS},
        AuditStatus.CANCELLED,
        "Cancels an audit before its fieldwork is completed.",
        DECIDE,
        requires_reason=True,
    ),
    seals=signed_content,
    closed=frozenset(AuditStatus) - UNISSUED,
)
