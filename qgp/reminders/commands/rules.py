"""Commands on the rules of reminders: create, change, and delete, which restores the default."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any
from uuid import UUID

from qgp.kit.calendar_dates import CalendarDate
from qgp.kit.errors import Invalid, OutOfRange, between, enumerated, require_at_most
from qgp.kit.work import Work
from qgp.reminders.commands.sending import skip_passed
from qgp.reminders.facts import due_dates, schedule_of
from qgp.reminders.model import MOST_DAYS_AFTER, MOST_DAYS_BEFORE, MOST_REMINDERS, ReminderRule


async def create(work: Work, **values: Any) -> ReminderRule:
    """Give a due date a rule of the organization.

    Raises:
        Invalid: no such due date, or days that are not ascending.
        OutOfRange: days too far from the due date.
        AlreadyExists: the due date has a rule.
    """
    date = _date(work, values["due_date"])
    if date is None:
        names = [each.coordinate for each in due_dates(work.services)]
        message = (
            f"`{values['due_date']}` is no due date that users are reminded of. Use one of "
            f"{', '.join(names)}."
        )
        raise Invalid(message, "dueDate", constraint=enumerated(names))
    _require_days(values["remind_days"])
    rule = await work.add(ReminderRule(**values))
    await work.flush()
    await skip_passed(work, date, schedule_of(date, rule))
    return rule


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> ReminderRule:
    """Change the days of a rule; see `create`."""
    rule = await work.get(ReminderRule, id, expected_version=expected_version)
    _require_days(changes.get("remind_days", ()))
    await work.change(rule, changes)
    await _skip_passed(work, rule, rule)
    return rule


async def delete(work: Work, *, id: UUID, expected_version: int) -> ReminderRule:
    """Delete a rule: the default is in force again."""
    rule = await work.get(ReminderRule, id, expected_version=expected_version)
    await _skip_passed(work, rule, None)
    await work.remove(rule)
    return rule


async def _skip_passed(work: Work, rule: ReminderRule, in_force: ReminderRule | None) -> None:
    date = _date(work, rule.due_date)
    if date is not None:
        await work.flush()
        await skip_passed(work, date, schedule_of(date, in_force))


def _date(work: Work, coordinate: str) -> CalendarDate | None:
    dates = (each for each in due_dates(work.services) if each.coordinate == coordinate)
    return next(dates, None)


def _require_days(days: Sequence[int]) -> None:
    message = f"`remindDays` has {len(days)} items; {MOST_REMINDERS} are allowed. Send fewer."
    require_at_most(MOST_REMINDERS, len(days), message, "remindDays")
    for place, day in enumerate(days):
        if not -MOST_DAYS_BEFORE <= day <= MOST_DAYS_AFTER:
            message = (
                f"{day} is too far from the due date. A reminder is at most {MOST_DAYS_BEFORE} "
                f"days before it (-{MOST_DAYS_BEFORE}) and {MOST_DAYS_AFTER} days after it; choose "
                "another day."
            )
            limits = between(-MOST_DAYS_BEFORE, MOST_DAYS_AFTER)
            raise OutOfRange(message, "remindDays", str(place), constraint=limits)
    for place, (day, following) in enumerate(pairwise(days), 1):
        if following <= day:
            message = (
                f"{following} follows {day}. `remindDays` ascend, and each day stands once; send "
                "them in that order."
            )
            raise Invalid(message, "remindDays", str(place))
