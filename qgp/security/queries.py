"""Root field that reads the security log."""

import strawberry

from qgp.kit.gql import Connection, listing
from qgp.security import loaders
from qgp.security.types import SecurityEvent


@strawberry.type
class Query:
    """Root reads."""

    security_events: Connection[SecurityEvent] | None = listing(
        loaders.security_events,
        "Security log of the organization: denied mutations and failed electronic signatures, "
        "oldest first. For owners and administrators. Events are removed after a retention in days "
        "that the operator sets (`SECURITY_LOG_DAYS`).",
    )
