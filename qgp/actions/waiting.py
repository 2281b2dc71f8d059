"""What an action waits for; the chains have no circles."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.actions.model import Action, ActionDependency
from qgp.actions.policy import READ
from qgp.actions.service import still_open
from qgp.kit.errors import Invalid, NotFound, TooLong, max_items
from qgp.kit.work import Work

MOST = 50
_LOCK = 0x616470  # of all advisory locks, those on the dependencies of an organization


async def wait_for(work: Work, *, id: UUID, expected_version: int, prerequisite_id: UUID) -> Action:
    """Let the action wait until another is done.

    Raises:
        NotFound: no such action is visible to the caller.
        Invalid: it is over, waits for itself then, or one of the two has 50 already.
        AlreadyExists: it waits for that one already.
    """
    await _one_at_a_time(work)
    action = await still_open(work, id, expected_version)
    if prerequisite_id == id:
        raise Invalid("An action cannot wait for itself. Choose another.", "prerequisiteId")
    seen = sa.select(Action.id).where(Action.id == prerequisite_id, *READ.visible(work.caller))
    if not await work.rows(seen):
        raise NotFound("No Action with this id is visible to you.", "prerequisiteId")
    if await work.rows(_chain(id, prerequisite_id)):
        told = "That one waits for this, itself or through others. Choose another."
        raise Invalid(told, "prerequisiteId")
    await _leave_room(work, ActionDependency.action_id == id, "An action waits for")
    await _leave_room(
        work, ActionDependency.prerequisite_id == prerequisite_id, "One action holds up"
    )
    await work.add(ActionDependency(action_id=id, prerequisite_id=prerequisite_id))
    return action


async def wait_no_more(
    work: Work, *, id: UUID, expected_version: int, prerequisite_id: UUID
) -> Action:
    """Let the action no longer wait for another.

    Raises:
        NotFound: no such action is visible to the caller, or it does not wait for that one.
        Invalid: it is over.
    """
    action = await still_open(work, id, expected_version)
    wanted = sa.select(ActionDependency).where(
        ActionDependency.action_id == id, ActionDependency.prerequisite_id == prerequisite_id
    )
    found = await work.rows(wanted.with_for_update())
    if not found:
        raise NotFound("The action does not wait for this one.", "prerequisiteId")
    await work.remove(found[0])
    return action


async def _one_at_a_time(work: Work) -> None:
    """Let two additions that would make a circle together come one after the other."""
    own = sa.func.hashtextextended(str(work.caller.organization_id), _LOCK)
    await work.rows(sa.select(sa.func.pg_advisory_xact_lock(own)))


def _chain(id: UUID, start: UUID) -> sa.Select[Any]:
    """Select the dependency that leads from `start`, over however many others, to the action."""
    step: Any = sa.select(ActionDependency.prerequisite_id.label("id"))
    reached = step.where(ActionDependency.action_id == start).cte("reached", recursive=True)
    further = step.join(reached, ActionDependency.action_id == reached.c.id)
    reached = reached.union(further)
    return sa.select(reached.c.id).where(reached.c.id == id)


async def _leave_room(work: Work, side: sa.ColumnElement[bool], told: str) -> None:
    counted: sa.Select[Any] = sa.select(sa.func.count()).select_from(ActionDependency)
    (count,) = await work.rows(counted.where(side))
    if count >= MOST:
        raise TooLong(
            f"{told} at most {MOST} others. Remove one first.",
            "prerequisiteId",
            constraint=max_items(MOST),
        )
