"""Kinds of work on audit programmes that wait for their owners and approvers."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.pending_work import work_of_transitions
from qgp.kit.policy import Principal
from qgp.programmes.facts import related
from qgp.programmes.model import due
from qgp.programmes.workflow import PROGRAMME


def _has_items(programme: Any, _: Principal) -> sa.ColumnElement[bool]:
    items: sa.ColumnElement[bool] = related.items.query(
        lambda column: column == programme.id
    ).exists()
    return items


APPROVE_AUDIT_PROGRAMME = work_of_transitions(
    "APPROVE_AUDIT_PROGRAMME",
    "A DRAFT audit programme with items, which you neither created nor own: approve it; due on "
    "`periodStartOn`.",
    PROGRAMME,
    "auditProgrammeApprove",
    when=_has_items,
    due=due,
)
MANAGE_AUDIT_PROGRAMME = work_of_transitions(
    "MANAGE_AUDIT_PROGRAMME",
    "An audit programme that you own is APPROVED or ACTIVE: start it, due on `periodStartOn`, and "
    "close it, due on `periodEndOn`.",
    PROGRAMME,
    "auditProgrammeStart",
    "auditProgrammeClose",
    assignee="owner_id",
    due=due,
)
