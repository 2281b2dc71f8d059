"""Mutations of the caller's calendar feed."""

from typing import Any

import strawberry

from qgp.calendars import service
from qgp.calendars.policy import OWN
from qgp.calendars.types import CalendarFeed
from qgp.kit.context import Context
from qgp.kit.gql import Payload, column, mutation, object_type


@object_type
class CalendarFeedCreatePayload(Payload):
    """Payload of `calendarFeedCreate`."""

    url: str | None = strawberry.field(
        description="Absolute URL of the feed, to subscribe to with a calendar. It is a secret, "
        "and is not shown again; null on refusal."
    )
    calendar_feed: CalendarFeed | None = column("The feed; null on refusal.")


@object_type
class CalendarFeedRevokePayload(Payload):
    """Payload of `calendarFeedRevoke`."""


async def _create(context: Context) -> dict[str, Any]:
    return vars(await service.create(context))


async def _revoke(context: Context) -> dict[str, Any]:
    await service.revoke(context)
    return {}


calendar_feed_create = mutation(
    _create,
    payload=CalendarFeedCreatePayload,
    description="Creates your calendar feed, or gives it a new address, which ends the former one. "
    "Anyone who has the address can read the feed without a sign-in, until you revoke it "
    "(`calendarFeedRevoke`) or may not sign in any more.",
    permission=OWN,
)
calendar_feed_revoke = mutation(
    _revoke,
    payload=CalendarFeedRevokePayload,
    description="Deletes your calendar feed: its address ends at once. Requires a feed.",
    permission=OWN,
)
