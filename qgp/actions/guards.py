"""Guards of the action workflow, and the evidence that a closed CAPA requires."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.actions.facts import (
    actions_of_capa_unfiltered,
    owners_of_finding_unfiltered,
    unfinished_actions_of_finding_unfiltered,
)
from qgp.actions.model import OPEN, Action, ActionDependency, ActionStatus
from qgp.actions.policy import READ
from qgp.audits.facts.related import responses_acted_on
from qgp.capas import facts as capas
from qgp.capas.facts import actions, evidence
from qgp.evidence.facts import not_withdrawn_unfiltered
from qgp.findings import facts as findings
from qgp.findings.facts import action_owners, unfinished_actions
from qgp.kit import ids
from qgp.kit.facts import LoaderBindings, batch_rows
from qgp.kit.loader import KeyIn
from qgp.kit.required_evidence import RequiredEvidence
from qgp.kit.transitions import GuardContext, Missing, guard


def _open_prerequisites(key_in: KeyIn) -> Any:
    """Select the open prerequisites of each action."""
    rows: Any = sa.select(ActionDependency.action_id, Action.id, Action.reference)
    rows = rows.join(Action, Action.id == ActionDependency.prerequisite_id)
    rows = rows.where(key_in(ActionDependency.action_id), Action.status.in_(OPEN))
    return rows.order_by(ActionDependency.id)


def _ended_parent(key_in: KeyIn) -> Any:
    """Select the parent finding or CAPA of each action, where it has ended."""
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
    """Select the evidence of each CAPA's present round, as rows of `CapaEvidence`."""
    items = not_withdrawn_unfiltered().c
    of_capa: Any = sa.select(items.subject_id.label("capa_id"), items.id, items.collected_at)
    of_actions: Any = sa.select(Action.capa_id, items.id, items.collected_at)
    of_actions = of_actions.join(Action, Action.id == items.subject_id)
    rows = sa.union_all(
        of_capa.where(key_in(items.subject_id)), of_actions.where(key_in(Action.capa_id))
    ).subquery()
    started = capas.round_start_unfiltered(rows.c.capa_id)
    is_present = sa.func.coalesce(rows.c.collected_at >= started, sa.true(), type_=sa.Boolean)
    return sa.select(rows.c.capa_id, rows.c.id, rows.c.collected_at).where(is_present)


def _acted_on(key_in: KeyIn) -> Any:
    """Select the responses of each audit whose findings have an action."""
    finding: Any = findings.not_void_unfiltered().c
    rows: Any = sa.select(finding.audit_id, finding.response_id)
    rows = rows.join(Action, Action.finding_id == finding.id)
    return rows.where(key_in(finding.audit_id), Action.status != ActionStatus.CANCELLED)


open_prerequisites = batch_rows(READ, _open_prerequisites)
ended_parent = batch_rows(READ, _ended_parent)

loader_bindings = LoaderBindings(
    {
        action_owners: owners_of_finding_unfiltered,
        unfinished_actions: unfinished_actions_of_finding_unfiltered,
        actions: actions_of_capa_unfiltered,
        evidence: batch_rows(READ, _evidence),
        responses_acted_on: batch_rows(READ, _acted_on),
    }
)


@guard("DEPENDENCIES_DONE")
async def dependencies_are_done(facts: GuardContext, action: Action) -> Missing:
    """Each action that it depends on is DONE, VERIFIED or CANCELLED."""
    message = (
        "{} depends on {}, which is open. Complete or cancel the prerequisite, or remove the "
        "dependency (actionDependencyRemove)."
    )
    return [
        (message.format(action.reference, reference), ids.encode(Action.prefix, id))
        for id, reference in await facts.load(open_prerequisites, action.id)
    ]


@guard("PARENT_ENDED")
async def parent_has_not_ended(facts: GuardContext, action: Action) -> Missing:
    """The finding or CAPA that the action belongs to has not ended."""
    return [
        (
            f"{reference}, to which the action belongs, has ended. Reopen it first.",
            ids.encode(kind, id),
        )
        for id, reference, kind in await facts.load(ended_parent, action.id)
    ]


_REMEDY = "reopen the CAPA (capaReopen)"


def _capa_of_action(id: UUID) -> sa.Select[Any]:
    return capas.with_id_unfiltered(
        sa.select(Action.capa_id).where(Action.id == id).scalar_subquery()
    )


def _is_last(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed CAPA has no other evidence than this item about it."""
    capa, action = capas.closed_unfiltered().c, aliased(Action)
    closed = sa.select(capa.id).where(capa.id == item.subject_id)
    of_capa, of_action = not_withdrawn_unfiltered().c, not_withdrawn_unfiltered().c
    about_capa = sa.select(of_capa.id).where(of_capa.subject_id == item.subject_id)
    about_action = sa.select(of_action.id).join(action, action.id == of_action.subject_id)
    about_action = about_action.where(action.capa_id == item.subject_id)
    selections = (
        (of_capa, of_capa.subject_id, about_capa),
        (of_action, action.capa_id, about_action),
    )
    return sa.and_(closed.exists(), *_no_other(item, *selections))


def _is_last_of_action(item: Any) -> sa.ColumnElement[bool]:
    """Return the condition that a closed CAPA has no other evidence than this of an action."""
    subject, sibling = aliased(Action), aliased(Action)
    capa = capas.closed_unfiltered()
    closed = sa.select(subject.id).join(capa, capa.c.id == subject.capa_id)
    closed = closed.where(subject.id == item.subject_id)
    of_capa, of_action = not_withdrawn_unfiltered().c, not_withdrawn_unfiltered().c
    about_capa = sa.select(of_capa.id).join(subject, subject.capa_id == of_capa.subject_id)
    about_capa = about_capa.where(subject.id == item.subject_id)
    about_action = sa.select(of_action.id).join(sibling, sibling.id == of_action.subject_id)
    about_action = about_action.join(subject, subject.capa_id == sibling.capa_id)
    about_action = about_action.where(subject.id == item.subject_id)
    selections = (of_capa, subject.capa_id, about_capa), (of_action, subject.capa_id, about_action)
    return sa.and_(closed.exists(), *_no_other(item, *selections))


def _no_other(
    item: Any, *selections: tuple[Any, Any, sa.Select[Any]]
) -> list[sa.ColumnElement[bool]]:
    """Return the conditions that no selection has another item that shows the effect of the CAPA.

    It was collected since the implementation was confirmed.

    Args:
        item: the row of evidence.
        selections: each with its evidence and the id of its CAPA.
    """
    conditions = []
    for other, capa_id, query in selections:
        capa = capas.closed_unfiltered()
        since = capa.c.confirmed_at
        shows_effect = sa.or_(since.is_(None), other.collected_at >= since)
        rows = query.join(capa, capa.c.id == capa_id).where(other.id != item.id, shows_effect)
        conditions.append(sa.not_(rows.exists()))
    return conditions


REQUIRED_EVIDENCE = (
    RequiredEvidence("cap", _is_last, _REMEDY, capas.with_id_unfiltered),
    RequiredEvidence("act", _is_last_of_action, _REMEDY, _capa_of_action),
)
