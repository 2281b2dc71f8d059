"""Reading the security log."""

import strawberry

from qgp.kit.gql import Connection, listing
from qgp.security import model, policy
from qgp.security.filters import SecurityEventFilter, SecurityEventOrder
from qgp.security.types import SecurityEvent


@strawberry.type
class Query:
    """Root reads."""

    security_events: Connection[SecurityEvent] | None = listing(
        model.SecurityEvent,
        policy.READ,
        SecurityEventFilter,
        SecurityEventOrder,
        ("first_at",),
        "The organization's security log: mutations that were denied and electronic signatures "
        "that failed, oldest first; for owners and administrators. Events are removed after the "
        "days that the operator sets (`SECURITY_LOG_DAYS`).",
    )
