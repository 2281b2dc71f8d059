"""Rights over findings and the causes that they are grouped by."""

import sqlalchemy as sa

from qgp.findings.model import Finding, FindingClause
from qgp.findings.steps import ISSUERS, VERIFIERS, WORKERS
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role

MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
REPORTERS = MEMBERS - {Role.EXTERNAL_AUDITOR}


def concerning(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a finding is assigned to the caller or reported by them."""
    return Finding.concerns(caller.user_id)


def _of_concerning(caller: Principal) -> sa.ColumnElement[bool]:
    return FindingClause.finding_id.in_(sa.select(Finding.id).where(concerning(caller)))


READ = Permission("finding:read", MEMBERS, rows={Role.EMPLOYEE: concerning})
READ_CLAUSES = Permission("findingClause:read", MEMBERS, rows={Role.EMPLOYEE: _of_concerning})
READ_CAUSES = Permission("causeCategory:read", MEMBERS)
CREATE = Permission("finding:create", REPORTERS)
UPDATE = Permission("finding:update", ISSUERS | WORKERS | {Role.AUDITOR})
MOVE = Permission("finding:move", MEMBERS)  # whoever owns a finding moves it, in any role
VERIFY = Permission("finding:verify", VERIFIERS)
REGRADE = Permission("finding:regrade", VERIFIERS)
DECIDE = Permission("finding:decide", QUALITY)
MANAGE_CAUSES = Permission("causeCategory:manage", QUALITY)
