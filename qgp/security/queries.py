"""Reading the security log."""

import strawberry

from qgp.kit.gql import Connection, listing
from qgp.security import loaders
from qgp.security.types import SecurityEvent


@strawberry.type
class Query:
    """Root reads."""

    security_events: Connection[SecurityEvent] | None = listing(
        loaders.security_events,
        "The organization's security log: mutations that were denied and electronic signatures "
        "that failed, oldest first; for owners and administrators. Events are removed after the "
        "days that the operator sets (`SECURITY_LOG_DAYS`).",
    )
