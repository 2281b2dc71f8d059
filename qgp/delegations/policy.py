"""Permissions on delegations: users manage their own, administrators everyone's."""

from typing import Any

import sqlalchemy as sa

from qgp.delegations.model import Delegation
from qgp.kit.policy import ADMINISTRATORS, EVERYONE, Permission, Principal, Role

OUTSIDERS = frozenset({Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT})


def _concerns(caller: Principal) -> sa.ColumnElement[bool]:
    return sa.or_(
        Delegation.delegator_id == caller.user_id, Delegation.delegate_id == caller.user_id
    )


def is_manageable(delegation: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller is the absent user, or an administrator."""
    if caller.role in ADMINISTRATORS:
        return sa.true()
    condition: sa.ColumnElement[bool] = delegation.delegator_id == caller.user_id
    return condition


READ = Permission("delegation:read", EVERYONE, rows=dict.fromkeys(OUTSIDERS, _concerns))
MANAGE = Permission("delegation:manage", EVERYONE - OUTSIDERS)
