"""Which sites may call from a browser, and what an answer tells their scripts.

The rules are Starlette's; only the headers of an ordinary answer are set here, because its way
of doing so costs more than a short answer itself.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qgp.http.headers import Pair, put
from qgp.http.request_id import HEADER

_ASKED = ("Authorization", "Content-Type", HEADER)
_SHOWN = (HEADER, "Retry-After", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset")


class Cors:
    """Answers preflights and marks the answers to all other requests.

    Args:
        origins: the sites, exactly; `*` for all.
    """

    def __init__(self, origins: Sequence[str]) -> None:
        self._rules = CORSMiddleware(
            _nothing,
            allow_origins=origins,
            allow_methods=("GET", "POST", "PUT"),
            allow_headers=_ASKED,
            expose_headers=_SHOWN,
        )
        told = self._rules.simple_headers.items()
        self._told = [(name.lower().encode(), value.encode()) for name, value in told]

    def preflight(self, scope: Scope) -> Response | None:
        """Return the answer to a preflight, or None for any other request."""
        if scope["method"] != "OPTIONS":
            return None
        headers = Headers(scope=scope)
        if "origin" not in headers or "access-control-request-method" not in headers:
            return None
        return self._rules.preflight_response(headers)

    def mark(self, headers: list[Pair], origin: bytes | None) -> None:
        """Tell the browser whether the script that asked may read the answer."""
        if origin is not None:
            for pair in self._told:
                put(headers, pair)
            if not self._rules.allow_all_origins and self._allows(origin):
                put(headers, (b"access-control-allow-origin", origin))
        varies = [value for name, value in headers if name == b"vary"]
        put(headers, (b"vary", b", ".join([*varies, b"Origin"])))

    def _allows(self, origin: bytes) -> bool:
        return self._rules.is_allowed_origin(origin.decode("latin-1"))


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand in for the application that the rules would wrap."""
