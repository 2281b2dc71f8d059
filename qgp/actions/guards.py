"""What an action's steps ask of other rows than its own."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qgp.actions.model import OPEN, Action, ActionDependency
from qgp.actions.policy import READ
from qgp.capas.model import Capa
from qgp.capas.model.terms import ENDED as CAPA_ENDED
from qgp.findings.model import ENDED as FINDING_ENDED
from qgp.findings.model import Finding
from qgp.kit import ids
from qgp.kit.errors import Blocker
from qgp.kit.loader import Among, gathered
from qgp.kit.transitions import Facts, guard


def _waits(among: Among) -> Any:
    """Select what each action still waits for."""
    waits: Any = sa.select(ActionDependency.action_id, Action.id, Action.reference)
    waits = waits.join(Action, Action.id == ActionDependency.prerequisite_id)
    waits = waits.where(among(ActionDependency.action_id), Action.status.in_(OPEN))
    return waits.order_by(ActionDependency.id)


def _ended(among: Among) -> Any:
    """Select the finding or CAPA that each action follows from, where it is closed for good."""
    told: Any = sa.select(
        Action.id,
        sa.func.coalesce(Finding.id, Capa.id),
        sa.func.coalesce(Finding.reference, Capa.reference),
        sa.case((Finding.id.is_not(None), Finding.prefix), else_=Capa.prefix),
    )
    told = told.outerjoin(Finding, Finding.id == Action.finding_id)
    told = told.outerjoin(Capa, Capa.id == Action.capa_id)
    is_over = sa.or_(Finding.status.in_(FINDING_ENDED), Capa.status.in_(CAPA_ENDED))
    return told.where(among(Action.id), is_over)


_unfinished = gathered(READ, _waits)
_parent = gathered(READ, _ended)


@guard("DEPENDENCIES_DONE")
async def dependencies_done(facts: Facts, action: Action) -> Sequence[Blocker]:
    """Each action that it depends on is DONE, VERIFIED or CANCELLED."""
    told = "{} has to be done before. Complete or cancel it, or remove the dependency."
    return [
        Blocker("DEPENDENCIES_DONE", told.format(reference), ids.encode(Action.prefix, id))
        for id, reference in await facts.load(_unfinished, action.id)
    ]


@guard("PARENT_ENDED")
async def parent_goes_on(facts: Facts, action: Action) -> Sequence[Blocker]:
    """The finding or CAPA that the action belongs to has not ended."""
    return [
        Blocker("PARENT_ENDED", f"{reference} has ended. Reopen it first.", ids.encode(kind, id))
        for id, reference, kind in await facts.load(_parent, action.id)
    ]
