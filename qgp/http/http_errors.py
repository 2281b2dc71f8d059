"""Errors outside GraphQL: requests that never become an operation, and their JSON responses.

`HttpError` has a status and headers; whatever is wrong with the operation itself is a GraphQL error
with `extensions.code`. Both have one shape: `{"errors": [{message, extensions}]}`.
"""

from collections.abc import Mapping

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from qgp.http.negotiation import JSON

_MESSAGES = {
    404: ("NOT_FOUND", "There is nothing at this address. GraphQL is served at /graphql."),
    405: (
        "BAD_REQUEST",
        "This address does not answer the method {method}. The header `Allow` lists its methods.",
    ),
    500: ("INTERNAL_SERVER_ERROR", "Something went wrong on our side. Try again."),
}


class HttpError(Exception):
    """Error that answers a request before GraphQL sees it.

    Args:
        status: HTTP status of the response.
        message: full sentences for a person: what is wrong, the rule, what to do.
        code: `extensions.code` of the single error.
        headers: headers that the status requires.
        path: names and indexes that lead to the invalid value, outermost first.
        extensions: further entries of the error's extensions.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] | None = None,
        path: tuple[str | int, ...] = (),
        extensions: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.headers = headers or {}
        self.path = path
        self.extensions = extensions or {}


def error_response(scope: Scope, error: HttpError, **extensions: object) -> Response:
    """Return the response to an invalid request, and add its code to the access log.

    Args:
        extensions: entries of the error's extensions beside `code` and `requestId`.
    """
    state = scope.setdefault("state", {})
    state.setdefault("graphql", {}).setdefault("error_code", error.code)
    extensions |= {"path": list(error.path)} if error.path else {}
    extensions |= {"code": error.code, "requestId": state.get("request_id")}
    body = {"errors": [{"message": error.message, "extensions": extensions}]}
    return Response(orjson.dumps(body), error.status, error.headers, media_type=JSON)


async def handle_exception(request: Request, error: Exception) -> Response:
    """Answer what Starlette refuses by itself; for its `exception_handlers`."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code, message = _MESSAGES.get(status, ("BAD_REQUEST", "The request cannot be served."))
    message = message.format(method=request.method)
    return error_response(request.scope, HttpError(status, message, code=code, headers=headers))


EXCEPTION_HANDLERS = {HTTPException: handle_exception, Exception: handle_exception}
