"""Background work of the security log: its retention."""

from qgp.kit.background_jobs import DailyJob, Retention
from qgp.kit.operator_actions import OperatorAction
from qgp.kit.security_log import expire
from qgp.kit.work import Work


async def _expire(work: Work) -> None:
    await expire(work.session, work.services[Retention].security_log)


expire_events = DailyJob(OperatorAction.SECURITY_LOG_EXPIRE, _expire)
