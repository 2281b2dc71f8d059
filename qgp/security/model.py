"""Events of the security log; only `kit.security_log` writes them."""

from qgp.kit.security_log import SecurityEvent

__all__ = ["SecurityEvent"]
