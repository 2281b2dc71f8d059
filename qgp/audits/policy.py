"""Permissions and row scopes of audits, audit teams, responses and sample sets."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from qgp.audits import model
from qgp.audits.model.terms import ANSWERERS, SCORED, UNISSUED, AuditStatus
from qgp.kit.policy import ADMINISTRATORS, EVERYONE, QUALITY, Permission, Principal, Role, Rows
from qgp.kit.scopes import below, scoped

PLANNERS = QUALITY | {Role.LEAD_AUDITOR}
MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
DRAFTABLE = frozenset({AuditStatus.IN_PROGRESS, AuditStatus.FIELDWORK_DONE})
AUDITORS = frozenset({Role.LEAD_AUDITOR, Role.AUDITOR})


def concerning(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller is an auditee or a member of the audit team."""
    kinds: tuple[type[Any], ...] = (model.AuditAuditee, model.AuditTeamMember)
    statements = [sa.select(kind.audit_id).where(kind.user_id == caller.user_id) for kind in kinds]
    return sa.or_(*[model.Audit.id.in_(statement) for statement in statements])


READ = Permission("audit:read", MEMBERS, rows=scoped(model.Audit, concerning))

READ_CONTEXT = Permission("audit:readContext", MEMBERS)  # limited by the action or the finding


def _below(kind: Any) -> Mapping[Role, Rows]:
    return below(kind.audit_id, model.Audit, READ)


READ_CLAUSES = Permission("auditClause:read", MEMBERS, rows=_below(model.AuditClause))
READ_STANDARDS = Permission("auditStandard:read", MEMBERS, rows=_below(model.AuditStandard))
READ_TEAM = Permission("auditTeamMember:read", MEMBERS, rows=_below(model.AuditTeamMember))
READ_AUDITEES = Permission("auditAuditee:read", MEMBERS, rows=_below(model.AuditAuditee))
READ_RESPONSES = Permission("auditResponse:read", MEMBERS, rows=_below(model.AuditResponse))
READ_SAMPLES = Permission("sampleSet:read", MEMBERS, rows=_below(model.SampleSet))
READ_ITEMS = Permission(
    "sampleItem:read",
    MEMBERS,
    rows=below(model.SampleItem.sample_set_id, model.SampleSet, READ_SAMPLES),
)
CREATE = Permission("audit:create", QUALITY | AUDITORS | {Role.HSE_MANAGER})
UPDATE = Permission("audit:update", QUALITY | AUDITORS)
SCHEDULE = Permission("audit:schedule", PLANNERS)
MOVE = Permission("audit:move", MEMBERS)  # the lead moves an audit, whatever their role
RECORD_RESPONSES = Permission(
    "audit:recordResponses", MEMBERS
)  # whoever is on the team, whatever their role
DRAFT_FINDINGS = Permission("audit:draftFindings", MEMBERS - {Role.EXTERNAL_AUDITOR})
REVIEW = Permission("audit:review", PLANNERS)
DECIDE = Permission("audit:decide", QUALITY)
OVERRIDE_CONFLICT = Permission("audit:overrideConflict", ADMINISTRATORS)


def is_changeable(audit: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may change an audit; auditors only their own."""
    is_open: sa.ColumnElement[bool] = audit.status.in_(UNISSUED)
    if caller.role not in AUDITORS:
        return is_open
    me = caller.user_id
    return sa.and_(is_open, sa.or_(audit.lead_auditor_id == me, audit.created_by_id == me))


def _has_to_answer(audit: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller is on the audit team, and no observer."""
    member = (
        model.AuditTeamMember.organization_id == audit.organization_id,
        model.AuditTeamMember.audit_id == audit.id,
        model.AuditTeamMember.user_id == caller.user_id,
        model.AuditTeamMember.role.in_(ANSWERERS),
    )
    return sa.select(model.AuditTeamMember.id).where(*member).correlate(audit).exists()


def is_answerable(audit: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an audit is IN_PROGRESS and the caller may record responses."""
    return sa.and_(audit.status == AuditStatus.IN_PROGRESS, _has_to_answer(audit, caller))


def is_draftable(audit: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may have findings of failing responses drafted."""
    is_time: sa.ColumnElement[bool] = audit.status.in_(DRAFTABLE)
    return is_time if caller.role in QUALITY else sa.and_(is_time, _has_to_answer(audit, caller))


def is_overridable(audit: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an audit has a score that can be overridden."""
    return sa.and_(audit.status.in_(SCORED), audit.score_pct.is_not(None))
