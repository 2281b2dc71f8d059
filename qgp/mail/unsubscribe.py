"""Addresses to turn off messages of a kind without a sign-in (RFC 2369, RFC 8058).

An address is signed, names one user and one kind of message, and holds for as long as the key: a
message may be read years later. GET shows a page that asks, because programs that scan messages
open every address in them; POST turns the messages off.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from qgp.authentication.keyring import NOT_GENUINE, Keyring, Kind, derive_key
from qgp.http.deadline import within
from qgp.http.limits import Limits
from qgp.http.response_builder import ResponseBuilder
from qgp.kit.session import Database
from qgp.mail.rendering import fill
from qgp.settings import Settings, key_id
from qgp.texts.catalogue import texts_for

PATH = "/mail/unsubscribe"
_KIND = Kind("unsubscribe+jwt", "qgp-unsubscribe", ("iss", "aud", "sub", "tid", "kind", "locale"))
_POLICY = "default-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


@dataclass(frozen=True)
class Subscription:
    """Messages of one kind to one user.

    Attributes:
        kind: as the preferences of notifications name it.
        locale: of the organization, for the page.
    """

    organization_id: UUID
    user_id: UUID
    kind: str
    locale: str


@dataclass(frozen=True)
class MailPreferences:
    """Effect of the addresses, supplied by the module of the preferences; an injected service.

    Attributes:
        turn_off: turns messages of a kind off; repeated, it changes nothing.
    """

    turn_off: Callable[[Database, Subscription], Awaitable[None]]


@dataclass(frozen=True)
class Unsubscribing:
    """Signs and verifies the addresses; an injected service.

    Attributes:
        keyring: of a key derived from SECRET_KEY.
        public_url: address of the server for clients, without a slash at its end.
    """

    keyring: Keyring
    public_url: str

    @classmethod
    def of(cls, settings: Settings) -> "Unsubscribing":
        """Derive the key; without PUBLIC_URL, development names this machine.

        Raises:
            ConfigurationError: SECRET_KEY is not set.
        """
        key = derive_key(settings.secret, "unsubscribe").hex()
        local = f"http://localhost:{settings.port}"
        return cls(Keyring({key_id(key): key}), settings.public_url or local)

    def address(self, subscription: Subscription) -> str:
        """Return the address that turns the messages of a subscription off."""
        claims = {
            "sub": str(subscription.user_id),
            "tid": str(subscription.organization_id),
            "kind": subscription.kind,
            "locale": subscription.locale,
        }
        return f"{self.public_url}{PATH}?token={self.keyring.sign(_KIND, claims)}"

    def headers(self, subscription: Subscription) -> Mapping[str, str]:
        """Return the headers by which mail programs offer to unsubscribe at a click."""
        return {
            "List-Unsubscribe": f"<{self.address(subscription)}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }

    def prove(self, token: str) -> Subscription | None:
        """Return the subscription of a genuine token, or None."""
        try:
            claims = self.keyring.prove(_KIND, token)
            ids = UUID(str(claims["tid"])), UUID(str(claims["sub"]))
            return Subscription(*ids, str(claims["kind"]), str(claims["locale"]))
        except NOT_GENUINE:
            return None


@dataclass(frozen=True)
class UnsubscribePage:
    """Endpoint of the addresses."""

    unsubscribing: Unsubscribing
    preferences: MailPreferences
    database: Database

    def route(self) -> Route:
        """Return the route."""
        return Route(PATH, self._respond, methods=["GET", "POST"])

    async def _respond(self, request: Request) -> ASGIApp:
        """Respond, also while the database is away."""
        try:
            return await within(None, self._turn_off(request), self.database.availability)
        except (SQLAlchemyError, OSError) as error:
            state = request.state
            return ResponseBuilder(state.request_id, Limits(), state.graphql).from_exception(error)

    async def _turn_off(self, request: Request) -> Response:
        subscription = self.unsubscribing.prove(request.query_params.get("token", ""))
        if subscription is None:
            return _page("en", "invalid", status=400)
        if request.method == "POST":
            await self.preferences.turn_off(self.database, subscription)
            return _page(subscription.locale, "done")
        return _page(subscription.locale, "question", asks=request.method == "GET")


def _page(locale: str, sentence: str, *, asks: bool = False, status: int = 200) -> Response:
    texts = texts_for(locale)
    html = fill(
        "page.html",
        language=texts.language,
        title=texts.text("unsubscribe.title"),
        sentence=texts.text(f"unsubscribe.{sentence}"),
        confirm=texts.text("unsubscribe.confirm") if asks else None,
    )
    return HTMLResponse(html, status, {"Content-Security-Policy": _POLICY})
