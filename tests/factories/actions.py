"""Actions."""

from datetime import date
from typing import Any
from uuid import UUID

from qgp.actions.model import Action, ActionKind, ActionPriority, ActionStatus
from qgp.kit import clock

DUE = date(2027, 3, 1)


def action(status: ActionStatus = ActionStatus.TODO, *, owner_id: UUID, **facts: Any) -> Action:
    """Make a correction that nobody has to verify, in a state."""
    given = {
        "title": "Put the label on",
        "kind": ActionKind.CORRECTION,
        "priority": ActionPriority.MEDIUM,
        "due_on": DUE,
        "original_due_on": facts.get("due_on", DUE),
        "is_verification_required": False,
        **facts,
    }
    if status in {ActionStatus.DONE, ActionStatus.VERIFIED}:
        given = {"completed_at": clock.now(), "completion_note": "Done.", **given}
    if status is ActionStatus.VERIFIED:
        given = {"verified_at": clock.now(), **given}
    row = Action(status=ActionStatus.TODO, owner_id=owner_id, **given)
    row.enter(status)
    return row
