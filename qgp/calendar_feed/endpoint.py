"""The ASGI endpoint `/calendar/<token>.ics`: the calendar feed of a user, as they may read it now.

An address that is wrong, revoked or of a user who may not sign in has one response: 404.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from qgp.authentication.calendar_addresses import PATH, CalendarAddress, address_of
from qgp.calendar_feed.content import Feed, icalendar_of
from qgp.calendar_feed.rate_limit import RateLimit
from qgp.calendars.facts import Subscription, subscription_unfiltered
from qgp.calendars.service import READ_INTERVAL, note_reading
from qgp.http.client_address import client_network, host_of
from qgp.http.conditional import conditional
from qgp.http.deadline import DeadlineExceeded, within
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.request_head import RequestHead
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.kit import clock
from qgp.kit.calendar_dates import CalendarDate, CalendarEntry, Window, entries
from qgp.kit.errors import DomainError
from qgp.kit.lru_cache import LRUCache
from qgp.kit.policy import Principal
from qgp.kit.session import Database
from qgp.kit.session import Scope as SessionScope
from qgp.organizations.facts import sender_unfiltered

MEDIA = b"text/calendar; charset=utf-8"
DAYS_BACK, DAYS_AHEAD = 90, 400
MOST_ENTRIES = 500  # the nearest to today
_SECONDS = 10
_KEPT = 32  # feeds whose text is kept, since to make it takes about 1 ms for each entry
_NOT_AVAILABLE = (
    "No calendar is available at this address: it is wrong or was revoked, or its user may not "
    "sign in. Create another (`calendarFeedCreate`)."
)


@dataclass(eq=False)
class CalendarFeeds:
    """Feeds by GET and HEAD. Error responses have the form of GraphQL.

    Attributes:
        dates: the dates of all modules.
        app_url: address of the frontend, if it is set.
        reads: bound on the requests to one address.
        failures: bound on the requests of one client that reach no feed.
    """

    database: Database
    dates: Sequence[CalendarDate]
    app_url: str | None
    reads: RateLimit = field(
        default_factory=lambda: RateLimit("requests to this calendar", 120, timedelta(hours=1))
    )
    failures: RateLimit = field(
        default_factory=lambda: RateLimit("wrong addresses", 30, timedelta(minutes=15))
    )
    _texts: LRUCache[bytes] = field(default_factory=lambda: LRUCache(_KEPT))
    _rendering: asyncio.Lock = field(default_factory=asyncio.Lock)

    def route(self) -> Route:
        """Return the route."""
        return Route(PATH + "{token}.ics", self, methods=["GET"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond to one request."""
        request = Request(scope, receive)
        builder = ResponseBuilder(request.state.request_id, Limits(), request.state.graphql)
        try:
            work = self._respond(request)
            response = await within(_SECONDS, work, self.database.availability)
        except HttpError as error:
            response = builder.from_http_error(error)
        except (DomainError, DeadlineExceeded, SQLAlchemyError, OSError) as error:
            response = builder.from_exception(error)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> BufferedResponse:
        """Return the feed, or 304 to a client that has it.

        Raises:
            HttpError: 404.
            RateLimited: there were too many requests.
        """
        client = client_network(host_of(request.scope))
        self.failures.require(client)
        address = address_of(request.path_params["token"])
        feed = None if address is None else await self._read(request, address)
        if feed is None:
            self.failures.count(client)
            raise HttpError(404, _NOT_AVAILABLE, code="NOT_FOUND")
        text = await self._text(feed)
        return conditional(BufferedResponse(200, text, MEDIA), RequestHead(request.scope))

    async def _read(self, request: Request, address: CalendarAddress) -> Feed | None:
        """Return the feed at an address, or None; note that it was read.

        Raises:
            RateLimited: it was read too often.
        """
        self.reads.require(address)
        request_id = request.state.request_id
        scope = SessionScope(address.organization_id, request_id=request_id)
        async with self.database.read(scope) as session:
            subscription = await subscription_unfiltered(session, address)
            if subscription is None:
                return None
            self.reads.count(address)
            feed = await self._feed(session, subscription.principal)
        caller = subscription.principal
        request.state.graphql.update(
            organization=f"org_{caller.organization_id.hex}", user=f"usr_{caller.user_id.hex}"
        )
        if _is_to_note(subscription):
            scope = SessionScope(
                address.organization_id, None, caller.user_id, "calendarRead", request_id
            )
            async with self.database.write(scope) as session:
                await note_reading(session, address)
        return feed

    async def _feed(self, session: AsyncSession, caller: Principal) -> Feed:
        window = Window.around(clock.today(caller.zone), back=DAYS_BACK, ahead=DAYS_AHEAD)
        statement = entries(self.dates, caller, window, most=MOST_ENTRIES)
        rows = [CalendarEntry(*row) for row in await session.execute(statement)]
        rows.sort(key=lambda entry: (entry.first, entry.kind, entry.id))
        sender = await sender_unfiltered(session, caller.organization_id)
        facts = sender.name, sender.locale, caller.zone, self.app_url
        return Feed(*facts, tuple(rows))

    async def _text(self, feed: Feed) -> bytes:
        """Return a feed as text, made in a thread, one at a time, where it is not kept."""
        if (text := self._texts.get(feed)) is None:
            async with self._rendering:
                text = await asyncio.to_thread(icalendar_of, feed, self.dates)
            self._texts.put(feed, text)
        return text


def _is_to_note(subscription: Subscription) -> bool:
    last = subscription.last_read_at
    return last is None or clock.now() - last >= READ_INTERVAL
