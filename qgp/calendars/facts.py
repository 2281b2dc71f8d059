"""Look-up of a calendar feed by its address, before there is a caller."""

from datetime import datetime
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.authentication.calendar_addresses import CalendarAddress
from qgp.calendars.model import CalendarFeed
from qgp.kit.policy import Principal
from qgp.kit.work import NOBODY
from qgp.users.facts import member_unfiltered


class Subscription(NamedTuple):
    """A calendar feed and its user, with their present rights."""

    principal: Principal
    last_read_at: datetime | None


async def subscription_unfiltered(
    session: AsyncSession, address: CalendarAddress
) -> Subscription | None:
    """Return the feed with an address, if its user may sign in now.

    Args:
        session: of the address's organization.
        address: as a client has sent it.
    """
    has_address = CalendarFeed.secret_hash == address.secret_hash
    feed = await session.scalar(sa.select(CalendarFeed).where(has_address))
    if feed is None:
        return None
    member = await member_unfiltered(
        session, organization_id=address.organization_id, id=feed.user_id
    )
    if member is None:
        return None
    return Subscription(member.signed_in(NOBODY), feed.last_read_at)
