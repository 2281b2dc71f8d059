"""Refusals outside GraphQL, in the shape of all errors: `{"errors": [{message, extensions}]}`."""

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from qgp.http.negotiation import JSON
from qgp.http.refusal import Refusal

_MESSAGES = {
    404: ("NOT_FOUND", "There is nothing at this address. GraphQL is served at /graphql."),
    405: ("BAD_REQUEST", "This address does not answer the method {method}."),
    500: ("INTERNAL_SERVER_ERROR", "Something went wrong on our side. Try again."),
}


def refuse(scope: Scope, refusal: Refusal, **extensions: object) -> Response:
    """Return the answer to a refused request, and note its code for the access log.

    Args:
        extensions: what the error's extensions tell beside `code` and `requestId`.
    """
    state = scope.setdefault("state", {})
    state.setdefault("graphql", {}).setdefault("error_code", refusal.code)
    extensions |= {"path": list(refusal.path)} if refusal.path else {}
    extensions |= {"code": refusal.code, "requestId": state.get("request_id")}
    body = {"errors": [{"message": refusal.message, "extensions": extensions}]}
    return Response(orjson.dumps(body), refusal.status, refusal.headers, media_type=JSON)


async def of_status(request: Request, error: Exception) -> Response:
    """Word what Starlette refuses by itself; for its `exception_handlers`."""
    status = error.status_code if isinstance(error, HTTPException) else 500
    headers = error.headers if isinstance(error, HTTPException) else None
    code, message = _MESSAGES.get(status, ("BAD_REQUEST", "The request cannot be served."))
    message = message.format(method=request.method)
    return refuse(request.scope, Refusal(status, message, code=code, headers=headers))


HANDLERS = {HTTPException: of_status, Exception: of_status}
