"""What an action's steps ask of other rows than its own."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.actions.facts import actions_of_capa_unfiltered, actions_of_finding_going_on_unfiltered
from qgp.actions.model import OPEN, Action, ActionDependency, ActionStatus
from qgp.actions.policy import READ
from qgp.audits.facts.related import responses_acted_on
from qgp.capas import facts as capas
from qgp.capas.facts import actions, evidence
from qgp.evidence.facts import not_withdrawn_unfiltered
from qgp.findings import facts as findings
from qgp.findings.facts import open_actions
from qgp.kit import ids
from qgp.kit.facts import Supplies, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.required_evidence import RequiredEvidence
from qgp.kit.transitions import GuardContext, Missing, guard


def _waits(key_in: KeyIn) -> Any:
    """Select what each action still waits for."""
    waits: Any = sa.select(ActionDependency.action_id, Action.id, Action.reference)
    waits = waits.join(Action, Action.id == ActionDependency.prerequisite_id)
    waits = waits.where(key_in(ActionDependency.action_id), Action.status.in_(OPEN))
    return waits.order_by(ActionDependency.id)


def _ended(key_in: KeyIn) -> Any:
    """Select the finding or CAPA that each action follows from, where it is closed for good."""
    finding, capa = findings.ended_unfiltered(), capas.ended_unfiltered()
    rows: Any = sa.select(
        Action.id,
        sa.func.coalesce(finding.c.id, capa.c.id),
        sa.func.coalesce(finding.c.reference, capa.c.reference),
        sa.case((finding.c.id.is_not(None), "fnd"), else_="cap"),
    )
    rows = rows.outerjoin(finding, finding.c.id == Action.finding_id)
    rows = rows.outerjoin(capa, capa.c.id == Action.capa_id)
    has_ended = sa.or_(finding.c.id.is_not(None), capa.c.id.is_not(None))
    return rows.where(key_in(Action.id), has_ended)


def _evidence(key_in: KeyIn) -> Any:
    """Select the evidence that stands, about each CAPA or one of its actions."""
    items = not_withdrawn_unfiltered().c
    own: Any = sa.select(items.subject_id.label("capa_id"), items.id)
    of_actions: Any = sa.select(Action.capa_id, items.id)
    of_actions = of_actions.join(Action, Action.id == items.subject_id)
    rows = sa.union_all(
        own.where(key_in(items.subject_id)), of_actions.where(key_in(Action.capa_id))
    ).subquery()
    return sa.select(rows.c.capa_id, rows.c.id)


def _acted_on(key_in: KeyIn) -> Any:
    """Select the responses of each audit whose findings have an action."""
    standing: Any = findings.not_void_unfiltered().c
    rows: Any = sa.select(standing.audit_id, standing.response_id)
    rows = rows.join(Action, Action.finding_id == standing.id)
    return rows.where(key_in(standing.audit_id), Action.status != ActionStatus.CANCELLED)


_unfinished = batch_rows(READ, _waits)
_parent = batch_rows(READ, _ended)

supplies = Supplies(
    {
        open_actions: actions_of_finding_going_on_unfiltered,
        actions: actions_of_capa_unfiltered,
        evidence: batch_rows(READ, _evidence),
        responses_acted_on: batch_rows(READ, _acted_on),
    }
)


@guard("DEPENDENCIES_DONE")
async def dependencies_done(facts: GuardContext, action: Action) -> Missing:
    """Each action that it depends on is DONE, VERIFIED or CANCELLED."""
    told = "{} has to be done before. Complete or cancel it, or remove the dependency."
    return [
        (told.format(reference), ids.encode(Action.prefix, id))
        for id, reference in await facts.load(_unfinished, action.id)
    ]


@guard("PARENT_ENDED")
async def parent_goes_on(facts: GuardContext, action: Action) -> Missing:
    """The finding or CAPA that the action belongs to has not ended."""
    return [
        (f"{reference} has ended. Reopen it first.", ids.encode(kind, id))
        for id, reference, kind in await facts.load(_parent, action.id)
    ]


_REOPENING = "reopen the CAPA (capaReopen)"


def _of_action(id: UUID) -> sa.Select[Any]:
    return capas.with_id_unfiltered(
        sa.select(Action.capa_id).where(Action.id == id).scalar_subquery()
    )


def _is_last(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed CAPA rests on this evidence about it alone."""
    capa, task = capas.closed_unfiltered().c, aliased(Action)
    closed = sa.select(capa.id).where(capa.id == item.subject_id)
    beside, of_actions = not_withdrawn_unfiltered().c, not_withdrawn_unfiltered().c
    direct = sa.select(beside.id).where(beside.subject_id == item.subject_id)
    below = sa.select(of_actions.id).join(task, task.id == of_actions.subject_id)
    below = below.where(task.capa_id == item.subject_id)
    return sa.and_(closed.exists(), *_none(item, (beside, direct), (of_actions, below)))


def _is_last_by_action(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed CAPA rests on this evidence about an action alone."""
    own, mine, also, task = (aliased(Action) for _ in range(4))
    capa = capas.closed_unfiltered()
    closed = sa.select(own.id).join(capa, capa.c.id == own.capa_id)
    closed = closed.where(own.id == item.subject_id)
    beside, of_actions = not_withdrawn_unfiltered().c, not_withdrawn_unfiltered().c
    direct = sa.select(beside.id).join(mine, mine.capa_id == beside.subject_id)
    direct = direct.where(mine.id == item.subject_id)
    below = sa.select(of_actions.id).join(task, task.id == of_actions.subject_id)
    below = below.join(also, also.capa_id == task.capa_id).where(also.id == item.subject_id)
    return sa.and_(closed.exists(), *_none(item, (beside, direct), (of_actions, below)))


def _none(item: Any, *ways: tuple[Any, sa.Select[Any]]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that no way leads to another item that stands."""
    return [sa.not_(way.where(other.id != item.id).exists()) for other, way in ways]


REQUIRED_EVIDENCE = (
    RequiredEvidence("cap", _is_last, _REOPENING, capas.with_id_unfiltered),
    RequiredEvidence("act", _is_last_by_action, _REOPENING, _of_action),
)
