"""Background work of notifications: the consumer of events, mail, and the daily digests."""

from qgp.kit.background_jobs import DailyJob, EventConsumer
from qgp.kit.operator_actions import OperatorAction
from qgp.notifications.commands.consumption import consume
from qgp.notifications.commands.mailing import DIGEST_TIME, SEND_NOTIFICATIONS, send_digests
from qgp.notifications.commands.retention import expire

__all__ = ["SEND_NOTIFICATIONS", "digests", "expire_notifications", "notifications"]

notifications = EventConsumer("notifications", OperatorAction.NOTIFY, consume)
expire_notifications = DailyJob(OperatorAction.NOTIFICATIONS_EXPIRE, expire)
digests = DailyJob(OperatorAction.DIGESTS_SEND, send_digests, hour=DIGEST_TIME.hour)
