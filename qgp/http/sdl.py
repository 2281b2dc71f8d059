"""Route `/schema.graphql`: the schema as text, for people and code generators."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from qgp.http.http_errors import HttpError, error_response

_SIGN_IN = HttpError(
    401,
    "Sign in to read the schema: send the header `Authorization: Bearer <accessToken>`.",
    code="UNAUTHENTICATED",
    headers={"WWW-Authenticate": "Bearer"},
)


def route(
    sdl: Callable[[], str], *, may_read: Callable[[Request], Awaitable[bool]] | None = None
) -> Route:
    """Return the route; a client that sends the ETag gets 304 until the schema changes.

    Args:
        sdl: returns the text; called by the first request, since that takes a quarter of a second.
        may_read: whether the caller may read it; None for everybody.
    """

    @cache
    def content() -> tuple[str, Mapping[str, str]]:
        text = sdl()
        etag = f'"{hashlib.sha256(text.encode()).hexdigest()}"'
        return text, {"ETag": etag, "Cache-Control": "no-cache"}

    async def answer(request: Request) -> Response:
        if may_read is not None and not await may_read(request):
            return error_response(request.scope, _SIGN_IN)
        text, headers = await asyncio.to_thread(content)
        if has_tag(request.headers.getlist("If-None-Match"), headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return PlainTextResponse(text, headers=headers)

    return Route("/schema.graphql", answer)


def has_tag(values: list[str], etag: str) -> bool:
    """Whether the values of `If-None-Match` contain the tag (RFC 9110, 13.1.2)."""
    tags = [tag.strip().removeprefix("W/") for line in values for tag in line.split(",")]
    return etag in tags or "*" in tags
