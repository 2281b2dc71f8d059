"""Rights over findings and the causes that they are grouped by."""

from typing import Any

import sqlalchemy as sa

from qgp.findings.model import ENDED, Finding, FindingClause, FindingStatus
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.scopes import below, scoped

ISSUERS = QUALITY | {Role.LEAD_AUDITOR, Role.HSE_MANAGER}
WORKERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
VERIFIERS = QUALITY | {Role.LEAD_AUDITOR}
MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
REPORTERS = MEMBERS - {Role.EXTERNAL_AUDITOR}
UPDATERS = ISSUERS | WORKERS | {Role.AUDITOR}


def concerning(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a finding is assigned to the caller or reported by them."""
    return Finding.concerns(caller.user_id)


def is_changeable(finding: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may change a finding: their own draft, or any."""
    if caller.role in UPDATERS:
        return goes_on(finding, caller)
    return sa.and_(finding.status == FindingStatus.DRAFT, finding.created_by_id == caller.user_id)


def goes_on(finding: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a finding has not ended."""
    going: sa.ColumnElement[bool] = finding.status.not_in(ENDED)
    return going


READ = Permission("finding:read", MEMBERS, rows=scoped(Finding, concerning))
READ_CLAUSES = Permission(
    "findingClause:read", MEMBERS, rows=below(FindingClause.finding_id, Finding, READ)
)
READ_CAUSES = Permission("causeCategory:read", MEMBERS)
CREATE = Permission("finding:create", REPORTERS)
UPDATE = Permission("finding:update", REPORTERS)  # some of them a draft of their own alone
MOVE = Permission("finding:move", MEMBERS)  # whoever owns a finding moves it, in any role
VERIFY = Permission("finding:verify", VERIFIERS)
REGRADE = Permission("finding:regrade", VERIFIERS)
DECIDE = Permission("finding:decide", QUALITY)
MANAGE_CAUSES = Permission("causeCategory:manage", QUALITY)
