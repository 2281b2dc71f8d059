"""Register of the caller's notifications."""

from qgp.kit.loader import Register
from qgp.notifications.model import Notification
from qgp.notifications.policy import READ

notifications = Register(Notification, READ, ("-created_at",))
