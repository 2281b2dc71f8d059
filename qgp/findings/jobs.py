"""Background work of findings: expired concessions."""

from qgp.findings.commands.transitions import expire
from qgp.kit.background_jobs import DailyJob
from qgp.kit.operator_actions import OperatorAction

reopen_expired = DailyJob(OperatorAction.FINDINGS_EXPIRE, expire)
