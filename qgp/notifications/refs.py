"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.notifications.types import NotificationPreference, QuietHours

NotificationPreferenceRef = Annotated[
    "NotificationPreference", strawberry.lazy("qgp.notifications.types")
]
QuietHoursRef = Annotated["QuietHours", strawberry.lazy("qgp.notifications.types")]
