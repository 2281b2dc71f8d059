"""Root fields that read the rules and schedules of reminders."""

import sqlalchemy as sa
import strawberry

from qgp.kit.gql import Connection, Info, Requires, listing, lookup, plain_list
from qgp.reminders import loaders, model, policy
from qgp.reminders.facts import due_dates, schedule_of
from qgp.reminders.loaders import reminder_rule_by_id
from qgp.reminders.types import ReminderRule, ReminderSchedule

MOST_DATES = 50


async def _schedules(info: Info) -> list[ReminderSchedule]:
    context = info.context
    visible = policy.READ.visible(context.caller)
    rows = await context.rows(sa.select(model.ReminderRule).where(*visible))
    rules = {row.due_date: row for row in rows}
    schedules = []
    for each in due_dates(context.services):
        rule = rules.get(each.coordinate)
        days, escalation = schedule_of(each, rule)
        schedules.append(
            ReminderSchedule(
                due_date=each.coordinate,
                remind_days=[*days],
                escalate_after_days=escalation,
                rule=rule,
            )
        )
    return schedules


@strawberry.type
class Query:
    """Root reads."""

    reminder_schedules: list[ReminderSchedule] | None = plain_list(
        "Days on which users of your organization are reminded, for each kind of due date. For "
        "OWNER, ADMIN, QUALITY_MANAGER.",
        MOST_DATES,
        resolver=_schedules,
        extensions=[Requires(policy.READ)],
    )
    reminder_rule: ReminderRule | None = lookup("One rule of reminders.", id=reminder_rule_by_id)
    reminder_rules: Connection[ReminderRule] | None = listing(
        loaders.reminder_rules,
        "Rules of your organization for reminders, by due date. For OWNER, ADMIN, QUALITY_MANAGER.",
    )
