"""A bound on what is worked on at once: beyond it, callers are asked to come back."""

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from qgp.http.health import PATHS

_LATER = 1


class InFlight:
    """Serve at most `limit` requests at a time, answer 503 to the others; probes always pass."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit
        self.count = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, or refuse at once where there is no room."""
        if scope["type"] != "http" or scope["path"] in PATHS:
            await self.app(scope, receive, send)
        elif self.is_full:
            await _busy(scope)(scope, receive, send)
        else:
            with self.place():
                await self.app(scope, receive, send)

    @property
    def is_full(self) -> bool:
        """Whether there is no room for another."""
        return self.count >= self.limit

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place within the block."""
        self.count += 1
        try:
            yield
        finally:
            self.count -= 1


def _busy(scope: Scope) -> JSONResponse:
    extensions = {
        "code": "UNAVAILABLE",
        "retryAfter": _LATER,
        "requestId": scope["state"]["request_id"],
    }
    scope["state"]["graphql"]["error_code"] = "UNAVAILABLE"
    error = {"message": "The service is busy. Try again in a second.", "extensions": extensions}
    return JSONResponse({"errors": [error]}, 503, headers={"Retry-After": str(_LATER)})
