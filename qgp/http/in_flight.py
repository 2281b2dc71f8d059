"""Limit of the requests in flight in one process, in total and by client address."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qgp.http.client_address import network_of
from qgp.http.health import PATHS
from qgp.http.http_errors import HttpError, error_response

_RETRY_SECONDS = 1
# Key in the state of a request: ends its count early, for a response that stays open.
RELEASE = "release_in_flight"


class InFlight:
    """Serves at most `limit` requests at once, whether they run, wait or are still arriving.

    Health checks are not counted.

    Args:
        limit: requests in flight.
        per_address: of these, from one address; also limits bodies that arrive slowly.
    """

    def __init__(self, app: ASGIApp, limit: int, per_address: int | None = None) -> None:
        self.app = app
        self.limit = limit
        self.per_address = per_address or limit
        self.count = 0
        self._by_network: dict[str, int] = {}  # a Counter takes twice as long

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, or refuse it at once if the limit is reached."""
        if scope["type"] != "http" or scope["path"] in PATHS:
            await self.app(scope, receive, send)
            return
        network = network_of(scope)
        if self.has_room(network):
            with ExitStack() as stack:
                stack.enter_context(self.counted(network))
                scope.setdefault("state", {})[RELEASE] = stack.close
                await self.app(scope, receive, send)
        elif self.count >= self.limit:
            await _busy(scope)(scope, receive, send)
        else:
            await _too_many(scope, self.per_address)(scope, receive, send)

    def has_room(self, network: str) -> bool:
        """Whether a request from a network is within both limits."""
        return self.count < self.limit and self._by_network.get(network, 0) < self.per_address

    @contextmanager
    def counted(self, network: str) -> Iterator[None]:
        """Count a request in flight within the block."""
        self.enter(network)
        try:
            yield
        finally:
            self.leave(network)

    def enter(self, network: str) -> None:
        """Count a request in flight, until `leave`."""
        self.count += 1
        self._by_network[network] = self._by_network.get(network, 0) + 1

    def leave(self, network: str) -> None:
        """Count a request of a network no longer."""
        self.count -= 1
        if count := self._by_network[network] - 1:
            self._by_network[network] = count
        else:
            del self._by_network[network]


def _busy(scope: Scope) -> Response:
    message = f"The service is busy. Try again in {_RETRY_SECONDS} second."
    return _retry_later(scope, 503, "UNAVAILABLE", message)


def _too_many(scope: Scope, most: int) -> Response:
    message = (
        f"{most} requests from your address are in flight; no more are accepted. Send "
        f"fewer at once; try again in {_RETRY_SECONDS} second."
    )
    return _retry_later(scope, 429, "RATE_LIMITED", message)


def _retry_later(scope: Scope, status: int, code: str, message: str) -> Response:
    error = HttpError(status, message, code=code, headers={"Retry-After": str(_RETRY_SECONDS)})
    return error_response(scope, error, retryAfter=_RETRY_SECONDS)
