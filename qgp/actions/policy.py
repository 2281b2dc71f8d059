"""Rights over actions; the workflow says which of them the owner has too."""

from typing import Any

import sqlalchemy as sa

from qgp.actions.model import MANAGERS, OPEN, VERIFIERS, Action, ActionDependency, DueDateChange
from qgp.kit.policy import EVERYONE, Permission, Principal, Role


def _concerns(principal: Principal) -> sa.ColumnElement[bool]:
    """The condition that an action is assigned to, or was reported by, the user."""
    mine = principal.user_id
    return sa.or_(Action.owner_id == mine, Action.created_by_id == mine)


def _of_concerning(principal: Principal) -> sa.ColumnElement[bool]:
    return DueDateChange.action_id.in_(sa.select(Action.id).where(_concerns(principal)))


def _between_concerning(principal: Principal) -> sa.ColumnElement[bool]:
    seen = sa.select(Action.id).where(_concerns(principal))
    ends = (ActionDependency.action_id, ActionDependency.prerequisite_id)
    return sa.and_(*[end.in_(seen) for end in ends])


def _own(principal: Principal) -> sa.ColumnElement[bool]:
    return Action.owner_id == principal.user_id


def is_open(action: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an action is not over."""
    undone: sa.ColumnElement[bool] = action.status.in_(OPEN)
    return undone


READERS = EVERYONE - {Role.SUPPLIER_CONTACT}
READ = Permission("action:read", READERS, rows={Role.EMPLOYEE: _concerns})
READ_OWN = Permission("action:readOwn", READERS, rows=dict.fromkeys(READERS, _own))
READ_DUE_DATES = Permission("dueDateChange:read", READERS, rows={Role.EMPLOYEE: _of_concerning})
READ_DEPENDENCIES = Permission(
    "actionDependency:read", READERS, rows={Role.EMPLOYEE: _between_concerning}
)
CREATE = Permission(
    "action:create", MANAGERS | {Role.LEAD_AUDITOR, Role.AUDITOR, Role.RISK_MANAGER}
)
MANAGE = Permission("action:manage", MANAGERS)
WORK = Permission("action:work", READERS - {Role.EXTERNAL_AUDITOR})
VERIFY = Permission("action:verify", VERIFIERS)
