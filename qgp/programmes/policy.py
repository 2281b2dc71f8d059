"""Permissions and row scopes of audit programmes and their items."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.policy import EVERYONE, QUALITY, Permission, Principal, Role
from qgp.kit.scopes import below, scoped
from qgp.programmes.model import ADJUSTABLE, AuditProgramme, AuditProgrammeStandard, ProgrammeItem

PLANNERS = QUALITY | {Role.LEAD_AUDITOR}
MEMBERS = EVERYONE - {Role.SUPPLIER_CONTACT}
KEEPERS = MEMBERS - {Role.EXTERNAL_AUDITOR}


def concerning(caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that a programme is assigned to the caller."""
    return AuditProgramme.owner_id == caller.user_id


def is_own(programme: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may write a programme, whatever its status."""
    if caller.role in QUALITY:
        return sa.true()
    conditions = [programme.owner_id == caller.user_id]
    if caller.role is Role.LEAD_AUDITOR:
        conditions.append(programme.created_by_id == caller.user_id)
    return sa.or_(*conditions)


def is_changeable(programme: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may change a programme and its items now."""
    adjustable = sa.or_(*[programme.status == status for status in sorted(ADJUSTABLE)])
    return sa.and_(is_own(programme, caller), adjustable)


def is_item_changeable(item: Any, caller: Principal) -> sa.ColumnElement[bool]:
    """Return the condition that the caller may change an item now."""
    changeable = sa.select(AuditProgramme.id).where(is_changeable(AuditProgramme, caller))
    return sa.and_(item.dropped_on.is_(None), item.programme_id.in_(changeable))


READ = Permission("auditProgramme:read", MEMBERS, rows={Role.EMPLOYEE: concerning})
READ_STANDARDS = Permission(
    "auditProgrammeStandard:read",
    MEMBERS,
    rows=below(AuditProgrammeStandard.programme_id, AuditProgramme, READ),
)
READ_ITEMS = Permission(
    "programmeItem:read",
    MEMBERS,
    rows={
        **below(ProgrammeItem.programme_id, AuditProgramme, READ),
        **scoped(ProgrammeItem),
    },
)
READ_COVERAGE = Permission("coverageGap:read", MEMBERS - {Role.EMPLOYEE})
CREATE = Permission("auditProgramme:create", PLANNERS)
UPDATE = Permission("auditProgramme:update", KEEPERS)  # whoever owns one, whatever their role
MOVE = Permission("auditProgramme:move", MEMBERS)  # likewise
APPROVE = Permission("auditProgramme:approve", QUALITY)
PLAN = Permission("programmeItem:plan", PLANNERS)
