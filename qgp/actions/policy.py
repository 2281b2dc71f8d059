"""Rights over actions; the workflow says which of them the owner has too."""

import sqlalchemy as sa

from qgp.actions.model import MANAGERS, VERIFIERS, Action
from qgp.kit.policy import EVERYONE, Permission, Principal, Role


def _concerns(principal: Principal) -> sa.ColumnElement[bool]:
    """The condition that an action is assigned to, or was reported by, the user."""
    mine = principal.user_id
    return sa.or_(Action.owner_id == mine, Action.created_by_id == mine)


READ = Permission(
    "action:read", EVERYONE - {Role.SUPPLIER_CONTACT}, rows={Role.EMPLOYEE: _concerns}
)
CREATE = Permission(
    "action:create", MANAGERS | {Role.LEAD_AUDITOR, Role.AUDITOR, Role.RISK_MANAGER}
)
MANAGE = Permission("action:manage", MANAGERS)
WORK = Permission("action:work", EVERYONE - {Role.SUPPLIER_CONTACT, Role.EXTERNAL_AUDITOR})
VERIFY = Permission("action:verify", VERIFIERS)
