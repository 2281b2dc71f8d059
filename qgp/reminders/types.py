"""GraphQL types of the rules and schedules of reminders."""

import strawberry

from qgp.kit.gql import (
    CREATE,
    EDITABLE,
    FILTER,
    SORT,
    Node,
    Recorded,
    column,
    object_type,
    plain_list,
    record,
    viewer_can,
)
from qgp.reminders import model, policy
from qgp.reminders.model import MOST_REMINDERS
from qgp.users.types import Authored


@record(model.ReminderRule, named=("dueDate",))
class ReminderRule(Authored, Recorded, Node):
    """Rule of your organization for one kind of due date: on which days users are reminded.

    It replaces the default of that due date; without a rule, the default is in force
    (`reminderSchedules` has both). A change holds from the next morning: what was sent is not sent
    again, and days that have passed by then are not made up for.
    """

    due_date: str = column(
        "Type and field of the due date, as `ReminderSchedule.dueDate`, such as "
        "Finding.closureDueOn.",
        CREATE | FILTER | SORT,
        max_length=80,
    )
    remind_days: list[int] = column(
        "Days from the due date on which those responsible are reminded, -90 to 60: negative "
        "before it, 0 on it; ascending. Empty for no reminders",
        EDITABLE,
        most=MOST_REMINDERS,
    )
    escalate_after_days: int | None = column(
        "Days after the due date on which overdue work is escalated to the manager, 1 to 60; null "
        "for no escalation.",
        EDITABLE,
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change or delete the rule")


@object_type
class ReminderSchedule:
    """Days on which users are reminded of one kind of due date, at 6 in the morning.

    Reminders are notifications to those responsible, to the delegate of one who is absent, and to
    those for whose role a review, verification or approval waits, if they are at most 10: DUE_SOON
    before the due date, DUE on it, OVERDUE after it. After days without a worker, the latest of
    each kind is made up for. An escalation, ESCALATED, goes to the manager of the user
    who is late, and to the delegate of an absent manager; without a manager, to the delegate of
    that user; without either, and for a review, verification or approval, to the quality
    managers.
    """

    due_date: str = strawberry.field(
        description="Type and field of the due date, such as Finding.closureDueOn."
    )
    remind_days: list[int] = plain_list(
        "Days from the due date on which they are reminded, ascending, negative before it",
        MOST_REMINDERS,
    )
    escalate_after_days: int | None = strawberry.field(
        description="Days after the due date on which overdue work is escalated; null for no "
        "escalation."
    )
    rule: ReminderRule | None = strawberry.field(
        description="Rule of your organization; null while the default is in force."
    )
