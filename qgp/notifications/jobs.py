"""Background work of notifications: the consumer of events, mail, and the daily digests."""

from qgp.kit.background_jobs import DailyJob, EventConsumer
from qgp.kit.operator_actions import OperatorAction
from qgp.notifications.commands.consumption import consume
from qgp.notifications.commands.mailing import DIGEST_TIME, SEND_NOTIFICATIONS, send_digests

__all__ = ["SEND_NOTIFICATIONS", "digests", "notifications"]

notifications = EventConsumer("notifications", OperatorAction.NOTIFY, consume)
digests = DailyJob(OperatorAction.DIGESTS_SEND, send_digests, hour=DIGEST_TIME.hour)
