"""Commands on actions: hand out, work, verify, move the due day."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.actions.model import Action, ActionDependency, ActionStatus, DueDateChange
from qgp.actions.policy import READ
from qgp.audits.facts import related as audits
from qgp.capas import facts as capas
from qgp.findings import facts as findings
from qgp.kit.errors import Forbidden, Invalid, NotFound, require_at_most
from qgp.kit.names import to_camel
from qgp.kit.subjects import loader_of
from qgp.kit.work import Work
from qgp.users.facts import fit_to_work


async def create(work: Work, *, owner_id: UUID, due_on: date, **values: Any) -> Action:
    """Give somebody something to do; its first due day is kept for good.

    Raises:
        NotFound: no such owner in this organization, or no such finding, CAPA or audit is visible
            to the caller.
        Invalid: several of these at once, one that takes no actions in its state, progress
            beyond 0 to 100, or an owner who cannot work on it.
    """
    await fit_to_work(work, owner_id)
    await take_actions(work, values)
    status = ActionStatus.TODO
    return await work.add(
        Action(owner_id=owner_id, due_on=due_on, original_due_on=due_on, status=status, **values)
    )


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Action:
    """Change what is to be done, not who does it or until when.

    Raises:
        Invalid: it is over, or progress is beyond 0 to 100.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    return await work.change(action, changes)


async def report_progress(work: Work, *, id: UUID, expected_version: int, progress: int) -> Action:
    """Say how far the caller's own action is, 0 to 100.

    Raises:
        Forbidden: somebody else owns it.
        Invalid: it is over, or progress is beyond 0 to 100.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    if action.owner_id != work.caller.user_id:
        raise Forbidden("Only its owner reports progress. Use `actionUpdate` if you may.", "id")
    return await work.change(action, {"progress": progress})


async def reassign(
    work: Work,
    *,
    id: UUID,
    owner_id: UUID,
    reason: str | None = None,
    expected_version: int | None = None,
) -> Action:
    """Give it to somebody else.

    Args:
        expected_version: None takes it in whatever version it is.

    Raises:
        Invalid: it is over, or the user owns it already or cannot work on it.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    if action.owner_id == owner_id:
        raise Invalid("This user owns it already. Choose another.", "ownerId")
    await fit_to_work(work, owner_id)
    work.set_reason(reason)
    return await work.change(action, {"owner_id": owner_id})


async def reschedule(
    work: Work, *, id: UUID, expected_version: int, new_due_on: date, reason: str
) -> Action:
    """Move the due day, and remember from where and why; the first one stays.

    Raises:
        Invalid: it is over, or due on that day already.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    if action.due_on == new_due_on:
        raise Invalid("It is due on this day already. Choose another.", "newDueOn")
    work.set_reason(reason)
    moved = {"old_due_on": action.due_on, "new_due_on": new_due_on}
    await work.add(DueDateChange(action_id=action.id, reason=reason, **moved))
    return await work.change(action, {"due_on": new_due_on})


# By column: the kind of record, and in which states it takes no actions, with the way out.
_PARENTS: Mapping[str, tuple[str, Mapping[Any, str]]] = {
    "finding_id": ("fnd", findings.TAKES_NO_ACTIONS),
    "capa_id": ("cap", capas.TAKES_NO_ACTIONS),
    "audit_id": ("aud", audits.TAKES_NO_ACTIONS),
}


async def take_actions(work: Work, values: Mapping[str, Any]) -> None:
    """Lock what an action is to follow from, so that it does not end meanwhile.

    Args:
        values: the action's, of which this looks at `finding_id`, `capa_id` and `audit_id`.

    Raises:
        Invalid: it takes no actions in its state.
        NotFound: none is visible to the caller.
    """
    for column, (prefix, ends) in _PARENTS.items():
        id, path = values.get(column), to_camel(column)
        if id is not None:
            loader = loader_of(prefix)
            row = await work.get(loader.model, id, path=path, read=loader.read)
            if row.status in ends:
                message = f"{row.reference} is {row.status.value} and takes no actions."
                raise Invalid(f"{message} {ends[row.status]}", path)


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
    action = await work.get_open(Action, id, expected_version=expected_version)
    if prerequisite_id == id:
        raise Invalid("An action cannot wait for itself. Choose another.", "prerequisiteId")
    seen = sa.select(Action.id).where(Action.id == prerequisite_id, *READ.visible(work.caller))
    if not await work.rows(seen):
        raise NotFound("No Action with this id is visible to you.", "prerequisiteId")
    if await work.rows(_chain(id, prerequisite_id)):
        message = "That one waits for this, itself or through others. Choose another."
        raise Invalid(message, "prerequisiteId")
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
        NotFound: no such action is visible to the caller, or it waits for none that is.
        Invalid: it is over.
    """
    action = await work.get_open(Action, id, expected_version=expected_version)
    seen = sa.select(Action.id).where(Action.id == prerequisite_id, *READ.visible(work.caller))
    statement = sa.select(ActionDependency).where(
        ActionDependency.action_id == id, ActionDependency.prerequisite_id.in_(seen)
    )
    rows = await work.rows(statement.with_for_update())
    if not rows:
        raise NotFound("The action does not wait for this one.", "prerequisiteId")
    await work.remove(rows[0])
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
    message = f"{told} at most {MOST} others. Remove one first."
    require_at_most(MOST, count + 1, message, "prerequisiteId")
