"""A bound on what is in the process at once: beyond it, callers are asked to come back."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from qgp.http.client_address import network_of
from qgp.http.health import PATHS
from qgp.http.http_errors import refuse
from qgp.http.refusal import Refusal

_LATER = 1


class InFlight:
    """Let at most `limit` requests in, whether they are in work, wait or still arrive.

    Probes always pass.

    Args:
        per_address: of these, from one address; a bound on bodies that arrive slowly, too.
    """

    def __init__(self, app: ASGIApp, limit: int, per_address: int | None = None) -> None:
        self.app = app
        self.limit = limit
        self.per_address = per_address or limit
        self.count = 0
        self._from: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse at once where there is no room."""
        if scope["type"] != "http" or scope["path"] in PATHS:
            await self.app(scope, receive, send)
            return
        network = network_of(scope)
        if self.is_full:
            await _busy(scope)(scope, receive, send)
        elif self._from[network] >= self.per_address:
            await _too_many(scope, self.per_address)(scope, receive, send)
        else:
            with self.place(network):
                await self.app(scope, receive, send)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another."""
        return self.count >= self.limit

    @contextmanager
    def place(self, network: str) -> Iterator[None]:
        """Take a place within the block."""
        self.count += 1
        self._from[network] += 1
        try:
            yield
        finally:
            self.count -= 1
            self._from[network] -= 1
            if not self._from[network]:
                del self._from[network]


def _busy(scope: Scope) -> Response:
    message = f"The service is busy. Try again in {_LATER} second."
    return _later(scope, 503, "UNAVAILABLE", message)


def _too_many(scope: Scope, most: int) -> Response:
    message = (
        f"{most} requests from your address are in work, wait or arrive; no more are taken. Send "
        f"fewer at once; try again in {_LATER} second."
    )
    return _later(scope, 429, "RATE_LIMITED", message)


def _later(scope: Scope, status: int, code: str, message: str) -> Response:
    refusal = Refusal(status, message, code=code, headers={"Retry-After": str(_LATER)})
    return refuse(scope, refusal, retryAfter=_LATER)
