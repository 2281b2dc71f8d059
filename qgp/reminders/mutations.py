"""Mutations of the rules of reminders."""

from qgp.kit.gql import command, create, update
from qgp.reminders import policy
from qgp.reminders.commands import rules
from qgp.reminders.loaders import reminder_rule_by_id
from qgp.reminders.types import ReminderRule

reminder_rule_create = create(
    ReminderRule,
    policy.MANAGE,
    rules.create,
    description="Gives a kind of due date a rule of your organization in place of the default. "
    "Each has one rule.",
)
reminder_rule_update = update(
    ReminderRule,
    policy.MANAGE,
    rules.update,
    description="Changes the days of a rule of reminders.",
)
reminder_rule_delete = command(
    rules.delete,
    permission=policy.MANAGE,
    result=reminder_rule_by_id,
    description="Deletes a rule of reminders: the default of its due date is in force again.",
    deletes=True,
)
