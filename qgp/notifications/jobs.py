"""Background work of notifications: the consumer of events."""

from qgp.kit.background_jobs import EventConsumer
from qgp.kit.operator_actions import OperatorAction
from qgp.notifications.commands.consumption import consume

notifications = EventConsumer("notifications", OperatorAction.NOTIFY, consume)
