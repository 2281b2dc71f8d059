"""Actions, what they wait for, and their moved due dates."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.actions.model import (
    Action,
    ActionDependency,
    ActionKind,
    ActionPriority,
    ActionStatus,
    DueDateChange,
)
from qgp.kit import clock

DUE = date(2027, 3, 1)


def action(status: ActionStatus = ActionStatus.TODO, *, owner_id: UUID, **facts: Any) -> Action:
    """Make a correction that nobody has to verify, in a state."""
    columns = {
        "title": "Put the label on",
        "kind": ActionKind.CORRECTION,
        "priority": ActionPriority.MEDIUM,
        "due_on": DUE,
        "original_due_on": facts.get("due_on", DUE),
        "is_verification_required": False,
        **facts,
    }
    if status in {ActionStatus.DONE, ActionStatus.VERIFIED}:
        columns = {"completed_at": clock.now(), "completion_note": "Done.", **columns}
    if status is ActionStatus.VERIFIED:
        columns = {"verified_at": clock.now(), **columns}
    row = Action(status=ActionStatus.TODO, owner_id=owner_id, **columns)
    row.enter(status)
    return row


def action_dependency(action_id: UUID, prerequisite_id: UUID) -> ActionDependency:
    """Make an action wait for another."""
    return ActionDependency(action_id=action_id, prerequisite_id=prerequisite_id)


def due_date_change(action_id: UUID, new_due_on: date, **facts: Any) -> DueDateChange:
    """Move the default due date of an action to another day."""
    columns = {"old_due_on": DUE, "reason": "A holiday.", **facts}
    return DueDateChange(action_id=action_id, new_due_on=new_due_on, **columns)
