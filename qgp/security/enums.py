"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.kit.gql import described
from qgp.kit.security_log import SecurityEventKind

__all__ = ["SecurityEventKind"]

described(SecurityEventKind, "What an event of the security log tells of.")
