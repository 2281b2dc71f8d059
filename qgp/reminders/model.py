"""Tables of the rules of reminders, and of the reminders that were sent."""

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.errors import AlreadyExists
from qgp.kit.model import ANY_RECORD, Owned, Record, in_range, unique

MOST_DAYS_BEFORE, MOST_DAYS_AFTER = 90, 60
MOST_REMINDERS = 10  # of one due date


class ReminderRule(Record):
    """Days on which an organization is reminded of one kind of due date, in place of the default.

    Attributes:
        due_date: `CalendarDate.coordinate`.
    """

    __tablename__ = "reminder_rules"
    prefix = "rmr"
    removable = True
    due_date: Mapped[str]
    remind_days: Mapped[list[int]]
    escalate_after_days: Mapped[int | None]
    __table_args__: Any = (
        unique(
            "due_date",
            error=AlreadyExists(
                "This due date has a rule already. Each has one; change that rule "
                "(reminderRuleUpdate).",
                "dueDate",
            ),
        ),
        in_range(
            "escalate_after_days",
            1,
            MOST_DAYS_AFTER,
            f"Work is escalated 1 to {MOST_DAYS_AFTER} days after its due date. Send another "
            "number, or null for no escalation.",
        ),
    )


class SentReminder(Owned):
    """Step of the reminders of one due date that was reported; another due date begins anew.

    Attributes:
        kind: of the due date, see `CalendarDate.kind`.
        days_after: days from the due date to the step, negative before it.
        name: second part of the event's name.
    """

    __tablename__ = "sent_reminders"
    kind: Mapped[str] = mapped_column(primary_key=True)
    record_id: Mapped[UUID] = mapped_column(primary_key=True, info={ANY_RECORD: True})
    due_on: Mapped[date] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    days_after: Mapped[int] = mapped_column(primary_key=True)
