"""What surrounds every request, in one pass: its id, its line in the log, the headers around it."""

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.http import logging
from qgp.http.access_log import AccessLog, Line
from qgp.http.client_address import host_of
from qgp.http.cors import Cors
from qgp.http.door import Door
from qgp.http.head import Head
from qgp.http.headers import put, secure
from qgp.http.http_errors import refuse
from qgp.http.refusal import Refusal
from qgp.http.request_id import NAME, request_id
from qgp.http.tracing import trace_of


class Edge:
    """The outermost layer, so that an answer to a failure has an id and a log line too.

    The id is kept in `scope["state"]`. Beside it stands `scope["state"]["graphql"]`, an empty dict
    in which the endpoint notes what it did, for the access log.

    Args:
        app: what is surrounded.
        cors: which sites may call from a browser.
        access_log: where the line of each answer is written.

    Attributes:
        door: who may answer before there is a call, where the server asks for one.
    """

    def __init__(
        self, app: ASGIApp, cors: Cors, access_log: AccessLog, door: Door | None = None
    ) -> None:
        self._access_log = access_log
        self.app = app
        self.cors = cors
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, then write the line, whatever became of the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        head = Head(scope)
        status = 500
        origin, id = head.raw(b"origin"), request_id(head.get(NAME))
        noted: dict[str, Any] = {**trace_of(head)}
        scope.setdefault("state", {}).update(request_id=id, graphql=noted)
        logging.request_id.set(id)
        logging.trace.set(dict(noted))
        preflight = self.cors.preflight(scope)

        async def finish(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = list(message.get("headers", ()))
                if preflight is None:
                    self.cors.mark(headers, origin)
                secure(headers, scheme=scope["scheme"])
                put(headers, (NAME, id.encode()))
                message["headers"] = headers
            await send(message)

        try:
            await (preflight or _refusal(head, scope) or self.app)(scope, receive, finish)
        finally:
            seconds = time.perf_counter() - begun
            line = Line(id, scope["method"], scope["path"], host_of(scope), status, seconds)
            self._access_log.write(line, noted)


def _refusal(head: Head, scope: Scope) -> ASGIApp | None:
    """Return what refuses a request that says twice who sends it (RFC 9110, 5.3)."""
    count = head.count(b"authorization")
    if count < 2:
        return None
    message = f"Send one `Authorization` header; this request has {count}."
    return refuse(scope, Refusal(400, message))
