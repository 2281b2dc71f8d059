"""Permissions on actions; the workflow adds the transitions of the owner."""

from typing import Any

import sqlalchemy as sa

from qgp.actions.model import OPEN, Action, ActionDependency, DueDateChange
from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role, readable_ids
from qgp.kit.scopes import SCOPED, below, points_at_readable

MANAGERS = QUALITY | {Role.HSE_MANAGER, Role.PROCESS_OWNER}
VERIFIERS = QUALITY | {Role.LEAD_AUDITOR}
_PARENTS = (Action.finding_id, Action.capa_id, Action.audit_id)


def _concerns(principal: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the user owns or created an action."""
    user_id = principal.user_id
    return sa.or_(Action.owner_id == user_id, Action.created_by_id == user_id)


def _of_visible_parent(principal: Principal) -> sa.ColumnElement[bool] | None:
    """Return the condition that the user sees an action's parent, owns or created the action."""
    conditions = {column: points_at_readable(column, principal) for column in _PARENTS}
    limits = [
        sa.or_(column.is_(None), condition)
        for column, condition in conditions.items()
        if condition is not None
    ]
    return sa.or_(_concerns(principal), sa.and_(*limits)) if limits else None


def _between_visible(principal: Principal) -> sa.ColumnElement[bool] | None:
    rows = readable_ids(Action, READ, principal)
    ends = (ActionDependency.action_id, ActionDependency.prerequisite_id)
    return None if rows is None else sa.and_(*[end.in_(rows) for end in ends])


def _own(principal: Principal) -> sa.ColumnElement[bool]:
    return Action.owner_id == principal.user_id


def is_open(action: Any, _: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that an action is TODO, IN_PROGRESS or BLOCKED."""
    condition: sa.ColumnElement[bool] = action.status.in_(OPEN)
    return condition


READERS = EVERYONE - {Role.SUPPLIER_CONTACT}
READ = Permission(
    "action:read",
    READERS,
    rows={Role.EMPLOYEE: _concerns, **dict.fromkeys(SCOPED, _of_visible_parent)},
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
IMPORT_ENDED = Permission("action:importEnded", QUALITY)
WORK = Permission("action:work", READERS - {Role.EXTERNAL_AUDITOR})
VERIFY = Permission("action:verify", VERIFIERS)
