"""CORS: preflights, and the headers that let scripts of allowed origins read a response.

The rules are Starlette's; the headers of ordinary responses are set here, because Starlette's
middleware costs more than a short response.
"""

from collections.abc import Sequence

from starlette.datastructures import Headers
from starlette.middleware.cors import CORSMiddleware
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from qgp.http.cors_headers import REQUEST_HEADERS
from qgp.http.headers import Pair, put
from qgp.http.http_errors import HttpError, error_response
from qgp.http.request_id import HEADER

_ALWAYS = ("accept", "authorization", "content-type")  # nothing works without them
_EXPOSED = (
    "Content-Disposition", "Content-Range", "ETag", "Retry-After", HEADER, "X-RateLimit-Limit",
    "X-RateLimit-Remaining", "X-RateLimit-Reset",
)  # fmt: skip


class Cors:
    """Answers preflights and adds the CORS headers to all other responses.

    Args:
        origins: allowed origins, exactly; `*` for all.
        request_headers: headers that their scripts may send beside `accept`, `authorization` and
            `content-type`, in any case; `*` for everything.
    """

    def __init__(
        self, origins: Sequence[str], request_headers: Sequence[str] = REQUEST_HEADERS
    ) -> None:
        self._rules = CORSMiddleware(
            _nothing,
            allow_origins=origins,
            allow_methods=("GET", "HEAD", "POST", "PUT"),
            allow_headers={*_ALWAYS, *map(str.lower, request_headers)},
            expose_headers=_EXPOSED,
        )
        simple_headers = self._rules.simple_headers.items()
        self._told = [(name.lower().encode(), value.encode()) for name, value in simple_headers]

    def preflight(self, scope: Scope) -> Response | None:
        """Return the response to a preflight, or None for any other request."""
        if scope["method"] != "OPTIONS":
            return None
        headers = Headers(scope=scope)
        if "origin" not in headers or "access-control-request-method" not in headers:
            return None
        answer = self._rules.preflight_response(headers)
        return answer if answer.status_code == 200 else _refused(scope, answer)

    def mark(self, headers: list[Pair], origin: bytes | None) -> None:
        """Add the headers by which a browser lets a script read the response."""
        if origin is not None:
            for pair in self._told:
                put(headers, pair)
            if not self._rules.allow_all_origins and self.allows(origin):
                put(headers, (b"access-control-allow-origin", origin))
        varies = [value for name, value in headers if name == b"vary"]
        put(headers, (b"vary", b", ".join([*varies, b"Origin"])))

    def allows(self, origin: bytes) -> bool:
        """Whether scripts of an origin may read responses."""
        return self._rules.is_allowed_origin(origin.decode("latin-1"))


def _refused(scope: Scope, answer: Response) -> Response:
    """Return the error response to a refused preflight, with the headers of Starlette's."""
    refused = bytes(answer.body).decode().removeprefix("Disallowed CORS ")
    message = (
        f"This preflight is refused for its {refused}. Operators allow origins with CORS_ORIGINS "
        "and request headers with CORS_HEADERS; methods are GET, HEAD, POST and PUT."
    )
    kept = {name: answer.headers[name] for name in answer.headers if name.startswith("access-")}
    headers = {**kept, "Vary": answer.headers["vary"]}
    return error_response(scope, HttpError(answer.status_code, message, headers=headers))


async def _nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Stand-in for the application that Starlette's middleware wraps."""
