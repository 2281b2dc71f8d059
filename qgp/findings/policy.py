"""Permissions on findings and cause categories."""

from typing import Any

import sqlalchemy as sa

from qgp.findings.model import ENDED, Finding, FindingClause, FindingStatus
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.scopes import below, points_at_readable, scoped

ISSUERS = QUALITY | {Role.LEAD_AUDITOR, Role.HSE_MANAGER}
WORKERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
VERIFIERS = QUALITY | {Role.LEAD_AUDITOR}
MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
REPORTERS = MEMBERS - {Role.EXTERNAL_AUDITOR}
UPDATERS = ISSUERS | WORKERS | {Role.AUDITOR}


def concerns(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller owns, created or detected a finding."""
    return Finding.concerns(caller.user_id)


def is_changeable(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may change a finding: any open one, or their draft."""
    if caller.role in UPDATERS:
        return has_not_ended(finding, caller)
    return sa.and_(finding.status == FindingStatus.DRAFT, finding.created_by_id == caller.user_id)


def has_not_ended(finding: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a finding has not ended."""
    condition: sa.ColumnElement[bool] = finding.status.not_in(ENDED)
    return condition


def sees_audit(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller owns a finding, or may read its audit."""
    owns: sa.ColumnElement[bool] = finding.owner_id == caller.user_id
    readable = points_at_readable(finding.audit_id, caller)
    return sa.true() if readable is None else sa.or_(owns, readable)


READ = Permission("finding:read", MEMBERS, rows=scoped(Finding, concerns))
READ_CONTEXT = Permission("finding:readContext", MEMBERS)  # limited by the action that shows it
READ_CLAUSES = Permission(
    "findingClause:read", MEMBERS, rows=below(FindingClause.finding_id, Finding, READ)
)
READ_CAUSES = Permission("causeCategory:read", MEMBERS)
CREATE = Permission("finding:create", REPORTERS)
UPDATE = Permission("finding:update", REPORTERS)  # employees and risk managers: their drafts only
MOVE = Permission("finding:move", MEMBERS)  # a finding's owner may have any role
CORRECT = Permission("finding:correct", VERIFIERS)  # lead auditors: findings of their audits
VERIFY = Permission("finding:verify", VERIFIERS)
REGRADE = Permission("finding:regrade", VERIFIERS)
REQUEST = Permission("finding:request", UPDATERS)
DECIDE = Permission("finding:decide", QUALITY)
IMPORT_ENDED = Permission("finding:importEnded", QUALITY)
MANAGE_CAUSES = Permission("causeCategory:manage", QUALITY)
