"""Loader and register of the rules of reminders."""

from qgp.kit.loader import Register, one
from qgp.reminders.model import ReminderRule
from qgp.reminders.policy import READ

reminder_rule_by_id = one(ReminderRule, READ)

reminder_rules = Register(ReminderRule, READ, ("due_date",))
