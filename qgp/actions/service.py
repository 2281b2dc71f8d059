"""Commands on actions: hand out, work, verify, move the due day."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.actions.model import OPEN, Action, ActionStatus, DueDateChange
from qgp.actions.parents import take_actions
from qgp.actions.policy import READ
from qgp.kit.errors import Forbidden, Invalid
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
    action = await still_open(work, id, expected_version)
    return await work.change(action, changes)


async def report(work: Work, *, id: UUID, expected_version: int, progress: int) -> Action:
    """Say how far the caller's own action is, 0 to 100.

    Raises:
        Forbidden: somebody else owns it.
        Invalid: it is over, or progress is beyond 0 to 100.
    """
    action = await still_open(work, id, expected_version)
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
    action = await still_open(work, id, expected_version)
    if action.owner_id == owner_id:
        raise Invalid("This user owns it already. Choose another.", "ownerId")
    await fit_to_work(work, owner_id)
    work.explain(reason)
    return await work.change(action, {"owner_id": owner_id})


async def reschedule(
    work: Work, *, id: UUID, expected_version: int, new_due_on: date, reason: str
) -> Action:
    """Move the due day, and remember from where and why; the first one stays.

    Raises:
        Invalid: it is over, or due on that day already.
    """
    action = await still_open(work, id, expected_version)
    if action.due_on == new_due_on:
        raise Invalid("It is due on this day already. Choose another.", "newDueOn")
    work.explain(reason)
    moved = {"old_due_on": action.due_on, "new_due_on": new_due_on}
    await work.add(DueDateChange(action_id=action.id, reason=reason, **moved))
    return await work.change(action, {"due_on": new_due_on})


async def still_open(work: Work, id: UUID, expected_version: int | None = None) -> Action:
    """Return an action that the caller sees, locked.

    Raises:
        NotFound: no such action is visible to the caller.
        StaleVersion: it has another version than the caller expected.
        Invalid: it is over.
    """
    action = await work.get(Action, id, expected_version=expected_version, read=READ)
    if action.status not in OPEN:
        told = f"This action is {action.status.value}; it takes no such change."
        raise Invalid(told, "id")
    return action
