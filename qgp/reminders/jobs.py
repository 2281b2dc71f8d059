"""Background work of reminders: due dates that approach or have passed."""

from qgp.kit.background_jobs import DailyJob
from qgp.kit.operator_actions import OperatorAction
from qgp.reminders.commands.sending import send

send_reminders = DailyJob(OperatorAction.REMINDERS_SEND, send, hour=6)
