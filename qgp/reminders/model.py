"""Table of the reminders that were sent."""

from datetime import date
from uuid import UUID

from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.model import ANY_RECORD, Owned


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
