"""Due dates of all modules that users are reminded of, and the schedules of their reminders."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from qgp.kit.calendar_dates import CalendarDate
from qgp.kit.services import ServicesByType
from qgp.reminders.model import ReminderRule

DUE_SOON, DUE, OVERDUE, ESCALATED = "due_soon", "due", "overdue", "escalated"
ESCALATE_AFTER_DAYS = 14  # where the organization has no rule of its own


@dataclass(frozen=True)
class ReminderDates:
    """Dates of all modules, supplied by the composition of the modules.

    Attributes:
        all: returns them; those with `people` are due dates that users are reminded of, and those
            with `events` are reported by these.
    """

    all: Callable[[], Sequence[CalendarDate]]


class Schedule(NamedTuple):
    """Steps of the reminders of one due date.

    Attributes:
        remind_days: days from the due date to each reminder, ascending, negative before it.
        escalate_after_days: days from the due date to the escalation; None without one.
    """

    remind_days: Sequence[int]
    escalate_after_days: int | None

    @property
    def first(self) -> int:
        """Days from the due date to the earliest step, at most 0."""
        return min((0, *self.remind_days[:1]))

    def steps(self, days_after: int) -> Sequence[tuple[str, int]]:
        """Return the latest step of each verb that has been reached and still applies.

        Args:
            days_after: days from the due date to today, negative before it.
        """
        steps = [(_verb(days), days) for days in self.remind_days]
        if self.escalate_after_days is not None:
            steps.append((ESCALATED, self.escalate_after_days))
        reached = {verb: days for verb, days in steps if days <= days_after}
        applies = {DUE_SOON: days_after < 0, DUE: days_after == 0}
        return [(verb, days) for verb, days in reached.items() if applies.get(verb, True)]


def _verb(days: int) -> str:
    if days < 0:
        return DUE_SOON
    return DUE if days == 0 else OVERDUE


def due_dates(services: ServicesByType) -> Sequence[CalendarDate]:
    """Return the due dates that users are reminded of, in the order of the modules."""
    return [each for each in services[ReminderDates].all() if each.people]


def reported_dates(services: ServicesByType) -> Sequence[CalendarDate]:
    """Return the dates that have events, of reminders or others, in the order of the modules."""
    return [each for each in services[ReminderDates].all() if each.people or each.events]


def schedule_of(date: CalendarDate, rule: ReminderRule | None) -> Schedule:
    """Return the schedule of a due date: the organization's rule, or else the default.

    A date of which nobody is reminded has no steps.
    """
    if not date.people:
        return Schedule((), None)
    if rule is None:
        return Schedule(date.remind_days, ESCALATE_AFTER_DAYS)
    return Schedule(rule.remind_days, rule.escalate_after_days)


def schedules_of(dates: Sequence[CalendarDate], rules: Iterable[Any]) -> Mapping[str, Schedule]:
    """Return the schedules of due dates by kind."""
    by_coordinate = {rule.due_date: rule for rule in rules}
    return {each.kind: schedule_of(each, by_coordinate.get(each.coordinate)) for each in dates}
