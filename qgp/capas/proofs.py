"""The evidence that a closed CAPA rests on: about itself, or about one of its actions."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.actions.model import Action
from qgp.capas.model import Capa
from qgp.capas.terms import CapaStatus
from qgp.evidence.model import EvidenceItem
from qgp.evidence.policy import keeps

_WAY = "reopen the CAPA (capaReopen)"


def _itself(id: UUID) -> sa.Select[Any]:
    return sa.select(Capa.id).where(Capa.id == id)


def _of_action(id: UUID) -> sa.Select[Any]:
    return sa.select(Capa.id).where(Capa.id.in_(sa.select(Action.capa_id).where(Action.id == id)))


@keeps(Capa, _WAY, _itself)
def is_last_proof(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed CAPA rests on this evidence about it alone."""
    own = aliased(Capa)
    closed = sa.select(own.id).where(own.id == item.subject_id, own.status == CapaStatus.CLOSED)
    beside, of_actions, task = aliased(EvidenceItem), aliased(EvidenceItem), aliased(Action)
    direct = sa.select(beside.id).where(beside.subject_id == item.subject_id)
    below = sa.select(of_actions.id).join(task, task.id == of_actions.subject_id)
    below = below.where(task.capa_id == item.subject_id)
    return sa.and_(closed.exists(), *_none(item, (beside, direct), (of_actions, below)))


@keeps(Action, _WAY, _of_action)
def is_last_proof_by_action(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed CAPA rests on this evidence about an action alone."""
    own, mine, also, task = (aliased(Action) for _ in range(4))
    capa = aliased(Capa)
    closed = sa.select(own.id).join(capa, capa.id == own.capa_id)
    closed = closed.where(own.id == item.subject_id, capa.status == CapaStatus.CLOSED)
    beside, of_actions = aliased(EvidenceItem), aliased(EvidenceItem)
    direct = sa.select(beside.id).join(mine, mine.capa_id == beside.subject_id)
    direct = direct.where(mine.id == item.subject_id)
    below = sa.select(of_actions.id).join(task, task.id == of_actions.subject_id)
    below = below.join(also, also.capa_id == task.capa_id).where(also.id == item.subject_id)
    return sa.and_(closed.exists(), *_none(item, (beside, direct), (of_actions, below)))


def _none(item: Any, *ways: tuple[Any, sa.Select[Any]]) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that no way leads to another item that stands."""
    return [
        sa.not_(way.where(other.id != item.id, other.withdrawn_at.is_(None)).exists())
        for other, way in ways
    ]
