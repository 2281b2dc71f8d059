"""What an action's steps ask of other rows than its own."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from qgp.actions.model import OPEN, Action, ActionDependency
from qgp.actions.policy import READ
from qgp.kit import ids
from qgp.kit.errors import Blocker
from qgp.kit.loader import Among, gathered
from qgp.kit.workflow import Facts


def _waits(among: Among) -> Any:
    """Select what each action still waits for."""
    waits: Any = sa.select(ActionDependency.action_id, Action.id, Action.reference)
    waits = waits.join(Action, Action.id == ActionDependency.prerequisite_id)
    waits = waits.where(among(ActionDependency.action_id), Action.status.in_(OPEN))
    return waits.order_by(ActionDependency.id)


_unfinished = gathered(READ, _waits)


@Action.workflow.guard("DEPENDENCIES_DONE")
async def dependencies_done(facts: Facts, action: Action) -> Sequence[Blocker]:
    """What an action waits for is DONE, VERIFIED or CANCELLED."""
    told = "{} has to be done before. Complete or cancel it, or remove the dependency."
    return [
        Blocker("DEPENDENCIES_DONE", told.format(reference), ids.encode(Action.prefix, id))
        for id, reference in await facts.load(_unfinished, action.id)
    ]
