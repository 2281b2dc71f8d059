"""What an action's steps ask of other rows than its own."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.actions.model import OPEN, Action, ActionDependency
from qgp.actions.policy import READ
from qgp.kit import ids
from qgp.kit.errors import Blocker
from qgp.kit.loader import Reads
from qgp.kit.policy import Permission
from qgp.kit.workflow import Facts


@dataclass(frozen=True, eq=False)
class _Unfinished:
    """Id and reference of what each action still waits for, whether or not the caller sees it."""

    read: Permission

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[tuple[UUID, str]]]:
        """Return the lists in the order of the keys."""
        waits: Any = sa.select(ActionDependency.action_id, Action.id, Action.reference)
        waits = waits.join(Action, Action.id == ActionDependency.prerequisite_id)
        waits = waits.where(ActionDependency.action_id.in_(keys), Action.status.in_(OPEN))
        groups: dict[UUID, list[tuple[UUID, str]]] = defaultdict(list)
        for key, id, reference in await reads.tuples(waits.order_by(ActionDependency.id)):
            groups[key].append((id, reference))
        return [groups[key] for key in keys]


_unfinished = _Unfinished(READ)


@Action.workflow.guard("DEPENDENCIES_DONE")
async def dependencies_done(facts: Facts, action: Action) -> Sequence[Blocker]:
    """What an action waits for is DONE, VERIFIED or CANCELLED."""
    told = "{} has to be done before. Complete or cancel it, or remove the dependency."
    return [
        Blocker("DEPENDENCIES_DONE", told.format(reference), ids.encode(Action.prefix, id))
        for id, reference in await facts.load(_unfinished, action.id)
    ]
