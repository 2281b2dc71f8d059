"""Rights over audits and what belongs to them."""

from typing import Any

import sqlalchemy as sa

from qgp.audits.model import (
    Audit,
    AuditAuditee,
    AuditClause,
    AuditResponse,
    AuditStandard,
    AuditTeamMember,
    SampleItem,
    SampleSet,
)
from qgp.audits.steps import PLANNERS
from qgp.audits.terms import SCORED, UNISSUED
from qgp.kit.policy import ADMINISTRATORS, EVERYONE, QUALITY, Permission, Principal, Role

MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
AUDITORS = frozenset({Role.LEAD_AUDITOR, Role.AUDITOR})


def concerning(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller is audited, or on the team."""
    kinds: tuple[type[Any], ...] = (AuditAuditee, AuditTeamMember)
    ways = [sa.select(kind.audit_id).where(kind.user_id == caller.user_id) for kind in kinds]
    return sa.or_(*[Audit.id.in_(way) for way in ways])


def _of_concerning(column: Any) -> Any:
    """Limit rows that point at an audit to the ones that concern the caller."""
    return {Role.EMPLOYEE: lambda caller: column.in_(sa.select(Audit.id).where(concerning(caller)))}


def _items(caller: Principal) -> sa.ColumnElement[bool]:
    seen = _of_concerning(SampleSet.audit_id)[Role.EMPLOYEE](caller)
    return SampleItem.sample_set_id.in_(sa.select(SampleSet.id).where(seen))


READ = Permission("audit:read", MEMBERS, rows={Role.EMPLOYEE: concerning})
READ_CLAUSES = Permission("auditClause:read", MEMBERS, rows=_of_concerning(AuditClause.audit_id))
READ_STANDARDS = Permission(
    "auditStandard:read", MEMBERS, rows=_of_concerning(AuditStandard.audit_id)
)
READ_TEAM = Permission(
    "auditTeamMember:read", MEMBERS, rows=_of_concerning(AuditTeamMember.audit_id)
)
READ_AUDITEES = Permission("auditAuditee:read", MEMBERS, rows=_of_concerning(AuditAuditee.audit_id))
READ_RESPONSES = Permission(
    "auditResponse:read", MEMBERS, rows=_of_concerning(AuditResponse.audit_id)
)
READ_SAMPLES = Permission("sampleSet:read", MEMBERS, rows=_of_concerning(SampleSet.audit_id))
READ_ITEMS = Permission("sampleItem:read", MEMBERS, rows={Role.EMPLOYEE: _items})
CREATE = Permission("audit:create", QUALITY | AUDITORS | {Role.HSE_MANAGER})
UPDATE = Permission("audit:update", QUALITY | AUDITORS)
MOVE = Permission("audit:move", MEMBERS)  # the lead moves an audit, whatever their role
RESPOND = Permission("audit:respond", MEMBERS)  # whoever is on the team, whatever their role
REVIEW = Permission("audit:review", PLANNERS)
DECIDE = Permission("audit:decide", QUALITY)
OVERRIDE = Permission("audit:override", ADMINISTRATORS)


def may_update(caller: Principal, audit: Audit) -> bool:
    """Say whether the caller may change an audit as it is now; auditors change their own."""
    is_own = caller.user_id in {audit.lead_auditor_id, audit.created_by_id}
    return (
        caller.may(UPDATE) and (is_own or caller.role not in AUDITORS) and audit.status in UNISSUED
    )


def may_override_score(caller: Principal, audit: Audit) -> bool:
    """Say whether the caller may put another percentage in the place of the computed one."""
    is_scored = audit.status in SCORED and audit.score_pct is not None
    return caller.may(DECIDE) and is_scored
