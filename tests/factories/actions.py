"""Actions."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.actions.model import Action, ActionKind, ActionPriority, ActionStatus
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
