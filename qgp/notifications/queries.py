"""Root field that reads notifications."""

import strawberry

from qgp.kit.gql import Connection, listing
from qgp.notifications import loaders
from qgp.notifications.types import Notification


@strawberry.type
class Query:
    """Root reads."""

    notifications: Connection[Notification] | None = listing(
        loaders.notifications, "Your notifications, newest first."
    )
