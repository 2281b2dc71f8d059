"""Commands on actions: hand out, work, verify, move the due day."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.actions import guards  # noqa: F401  registers what the codes stand for
from qgp.actions.model import OPEN, Action, DueDateChange
from qgp.actions.parents import take_actions
from qgp.actions.policy import READ
from qgp.actions.terms import ActionStatus
from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid
from qgp.kit.work import Work
from qgp.users.working import fit_to_work


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


async def start(work: Work, *, id: UUID, expected_version: int) -> Action:
    """Begin.

    Raises:
        TransitionNotAllowed: begun already, or what it waits for is not done.
    """
    return await _move(work, id, expected_version, "actionStart")


async def block(work: Work, *, id: UUID, expected_version: int, reason: str) -> Action:
    """Say that something keeps it from going on.

    Raises:
        TransitionNotAllowed: it is not in progress.
    """
    return await _move(work, id, expected_version, "actionBlock", reason=reason)


async def unblock(work: Work, *, id: UUID, expected_version: int) -> Action:
    """Go on.

    Raises:
        TransitionNotAllowed: it is not blocked.
    """
    return await _move(work, id, expected_version, "actionUnblock")


async def complete(work: Work, *, id: UUID, expected_version: int, completion_note: str) -> Action:
    """Say that it is done, and what was done.

    Raises:
        TransitionNotAllowed: it is not in progress, or what it waits for is not done.
    """
    done: dict[str, Any] = {"completed_at": clock.now(), "completed_by_id": work.caller.user_id}
    done |= {"completion_note": completion_note, "progress": 100}
    return await _move(work, id, expected_version, "actionComplete", **done)


async def verify(work: Work, *, id: UUID, expected_version: int) -> Action:
    """See for oneself that it is done (ISO 9001:2015, 10.2.1 d).

    Raises:
        TransitionNotAllowed: it is not done, or the caller owns or completed it.
    """
    seen: dict[str, Any] = {"verified_at": clock.now(), "verified_by_id": work.caller.user_id}
    return await _move(work, id, expected_version, "actionVerify", **seen)


async def reject(work: Work, *, id: UUID, expected_version: int, reason: str) -> Action:
    """Send it back to its owner; the trail keeps what they said was done.

    Raises:
        TransitionNotAllowed: it is not done, or the caller owns or completed it.
    """
    undone: dict[str, Any] = dict.fromkeys(("completed_at", "completed_by_id", "completion_note"))
    return await _move(work, id, expected_version, "actionReject", reason=reason, **undone)


async def cancel(work: Work, *, id: UUID, expected_version: int, reason: str) -> Action:
    """Decide that it will not be done; what waits for it waits no longer.

    Raises:
        TransitionNotAllowed: it is over.
    """
    return await _move(work, id, expected_version, "actionCancel", reason=reason)


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


async def _move(
    work: Work,
    id: UUID,
    expected_version: int,
    step: str,
    *,
    reason: str | None = None,
    **values: Any,
) -> Action:
    action = await work.get(Action, id, expected_version=expected_version, read=READ)
    return await work.move(action, step, reason=reason, **values)
