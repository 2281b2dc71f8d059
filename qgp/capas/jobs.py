"""Background work of CAPAs: recurrences within the effectiveness window."""

from qgp.capas.commands.transitions import record_recurrences
from qgp.kit.background_jobs import DailyJob
from qgp.kit.operator_actions import OperatorAction

record_ineffective = DailyJob(OperatorAction.CAPAS_RECHECK, record_recurrences)
