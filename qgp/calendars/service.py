"""Commands on calendar feeds: create, revoke, and note that one was read."""

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.authentication.calendar_addresses import CalendarAddress, address_of, new_token, url_of
from qgp.calendars.model import CalendarFeed
from qgp.kit import clock
from qgp.kit.context import Context
from qgp.kit.errors import NotFound

READ_INTERVAL = timedelta(minutes=1)  # how exact `last_read_at` is


@dataclass(frozen=True)
class CreatedFeed:
    """A feed with a new address, which is shown once."""

    url: str
    calendar_feed: CalendarFeed


async def create(context: Context) -> CreatedFeed:
    """Create the caller's feed, or give it another address; a former address ends."""
    caller = context.caller
    token = new_token(caller.organization_id)
    address = address_of(token)
    assert address is not None
    values = {
        "secret_hash": address.secret_hash,
        "created_at": clock.now(),
        "last_read_at": None,
    }
    key = {"organization_id": caller.organization_id, "user_id": caller.user_id}
    statement = insert(CalendarFeed).values(**key, **values)
    statement = statement.on_conflict_do_update(index_elements=[*key], set_=values)
    async with context.unit_of_work("calendarFeedCreate") as work:
        feed = (await work.session.scalars(statement.returning(CalendarFeed))).one()
    return CreatedFeed(url_of(context.public_url, token), feed)


async def revoke(context: Context) -> None:
    """Delete the caller's feed; its address ends.

    Raises:
        NotFound: the caller has none.
    """
    async with context.unit_of_work("calendarFeedRevoke") as work:
        is_own = CalendarFeed.user_id == context.caller.user_id
        feed = await work.session.scalar(sa.select(CalendarFeed).where(is_own).with_for_update())
        if feed is None:
            raise NotFound("You have no calendar feed. Create one first (calendarFeedCreate).")
        await work.session.delete(feed)


async def note_reading(session: AsyncSession, address: CalendarAddress) -> None:
    """Note that a feed was read now, unless another request is noting the same."""
    has_address = CalendarFeed.secret_hash == address.secret_hash
    statement = sa.select(CalendarFeed).where(has_address).with_for_update(skip_locked=True)
    feed = await session.scalar(statement)
    if feed is not None:
        feed.last_read_at = clock.now()
