"""The events of the security log; `kit.security_log` alone writes them."""

from qgp.kit.security_log import SecurityEvent

__all__ = ["SecurityEvent"]
