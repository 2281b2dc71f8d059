"""Loaders of the security log."""

from qgp.kit.loader import Register
from qgp.security.model import SecurityEvent
from qgp.security.policy import READ

security_events = Register(SecurityEvent, READ, ("first_at",))
