"""Rights over actions; the workflow says which of them the owner has too."""

from typing import Any

import sqlalchemy as sa

from qgp.actions.model import OPEN, Action, ActionDependency, DueDateChange
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.scopes import SCOPED, below
from qgp.kit.subjects import pointing

MANAGERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
VERIFIERS = QUALITY | {Role.LEAD_AUDITOR}
_PARENTS = ((Action.finding_id, "fnd"), (Action.capa_id, "cap"), (Action.audit_id, "aud"))


def _concerns(principal: Principal) -> sa.ColumnElement[bool]:
    """The condition that an action is assigned to, or was reported by, the user."""
    mine = principal.user_id
    return sa.or_(Action.owner_id == mine, Action.created_by_id == mine)


def _of_place(principal: Principal) -> sa.ColumnElement[bool] | None:
    """The condition that the user sees what an action follows from, or that it concerns them."""
    ways = [pointing(column, kind, principal) for column, kind in _PARENTS]
    limits = [way for way in ways if way is not None]
    return sa.or_(_concerns(principal), sa.and_(*limits)) if limits else None


def _between_visible(principal: Principal) -> sa.ColumnElement[bool] | None:
    limits = READ.visible(principal)
    seen = sa.select(Action.id).where(*limits).correlate(None)
    ends = (ActionDependency.action_id, ActionDependency.prerequisite_id)
    return sa.and_(*[end.in_(seen) for end in ends]) if limits else None


def _own(principal: Principal) -> sa.ColumnElement[bool]:
    return Action.owner_id == principal.user_id


def is_open(action: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an action is not over."""
    undone: sa.ColumnElement[bool] = action.status.in_(OPEN)
    return undone


READERS = EVERYONE - {Role.SUPPLIER_CONTACT}
READ = Permission(
    "action:read",
    READERS,
    rows={Role.EMPLOYEE: _concerns, **dict.fromkeys(SCOPED, _of_place)},
)
READ_OWN = Permission("action:readOwn", READERS, rows=dict.fromkeys(READERS, _own))
READ_DUE_DATES = Permission(
    "dueDateChange:read", READERS, rows=below(DueDateChange.action_id, Action, READ)
)
READ_DEPENDENCIES = Permission(
    "actionDependency:read", READERS, rows=dict.fromkeys(READ.rows, _between_visible)
)
CREATE = Permission(
    "action:create", MANAGERS | {Role.LEAD_AUDITOR, Role.AUDITOR, Role.RISK_MANAGER}
)
MANAGE = Permission("action:manage", MANAGERS)
WORK = Permission("action:work", READERS - {Role.EXTERNAL_AUDITOR})
VERIFY = Permission("action:verify", VERIFIERS)
