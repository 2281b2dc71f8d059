"""Rules of reminders."""

from typing import Any

from qgp.reminders.model import ReminderRule


def reminder_rule(due_date: str = "Action.dueOn", **facts: Any) -> ReminderRule:
    """Make a rule of two reminders, without escalation."""
    defaults: dict[str, Any] = {"remind_days": [-3, 2], "escalate_after_days": None}
    return ReminderRule(due_date=due_date, **defaults | facts)
