"""Statements about actions, for the guards of findings and CAPAs."""

from typing import Any

import sqlalchemy as sa

from qgp.actions.model import OPEN, Action, ActionKind, ActionStatus, due, is_unfinished
from qgp.actions.policy import READ
from qgp.capas.facts import linked_unfiltered
from qgp.findings.facts import UnfinishedAction
from qgp.kit.calendar_dates import CalendarDates, due_date
from qgp.kit.column_history import values_of_column
from qgp.kit.facts import batch_rows
from qgp.kit.loader import KeyIn

_PREFIX = sa.literal(Action.prefix, sa.Text)
calendar_dates = CalendarDates([due_date(Action, due, "due_on", (Action.owner_id,))])


def _unfinished_of_finding(key_in: KeyIn) -> Any:
    """Select the unfinished actions of each finding, as rows of `UnfinishedAction`."""
    rows: Any = sa.select(
        *(Action.finding_id, _PREFIX, Action.id, Action.reference),
        Action.status == ActionStatus.DONE,
    )
    rows = rows.where(key_in(Action.finding_id), is_unfinished(Action))
    return rows.order_by(Action.reference)


def _of_capa(key_in: KeyIn) -> Any:
    """Select the actions of each CAPA, as rows of `CapaAction`."""
    is_unverified = sa.and_(Action.status == ActionStatus.DONE, Action.is_verification_required)
    rows: Any = sa.select(
        *(Action.capa_id, _PREFIX, Action.id, Action.reference, Action.due_on),
        *(Action.completed_at, Action.owner_id, Action.completed_by_id, is_unverified),
        *(Action.status.in_(OPEN), Action.status == ActionStatus.CANCELLED),
        (Action.kind == ActionKind.FOLLOW_UP).label("is_follow_up"),
    )
    return rows.where(key_in(Action.capa_id)).order_by(Action.reference)


def _owners_of_finding(key_in: KeyIn) -> Any:
    """Select who ever owned or completed actions of each finding or its CAPAs: `Participant`s.

    A follow-up is the verification, not the work.
    """
    link = linked_unfiltered()
    columns: tuple[Any, ...] = (Action.id, Action.reference, Action.owner_id)
    columns = (*columns, Action.completed_by_id)
    counts = sa.and_(Action.status != ActionStatus.CANCELLED, Action.kind != ActionKind.FOLLOW_UP)
    of_finding: Any = sa.select(Action.finding_id.label("finding_id"), *columns)
    of_capas: Any = sa.select(link.c.finding_id, *columns)
    of_capas = of_capas.join(link, link.c.capa_id == Action.capa_id)
    row = (
        sa.union_all(
            of_finding.where(key_in(Action.finding_id), counts),
            of_capas.where(key_in(link.c.finding_id), counts),
        )
        .subquery()
        .c
    )
    users = [
        sa.select(row.finding_id, _PREFIX.label("prefix"), row.id, row.reference, user)
        for user in (row.owner_id.label("user_id"), row.completed_by_id.label("user_id"))
    ]
    past = values_of_column(Action.owner_id).c
    former = sa.select(row.finding_id, _PREFIX, row.id, row.reference, past.value)
    return sa.union(*users, former.where(past.id == row.id)).order_by("reference")


owners_of_finding_unfiltered = batch_rows(READ, _owners_of_finding)
unfinished_actions_of_finding_unfiltered = batch_rows(
    READ, _unfinished_of_finding, UnfinishedAction
)
actions_of_capa_unfiltered = batch_rows(READ, _of_capa)
