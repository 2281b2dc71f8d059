"""Request middleware: request id, trace, access log and security headers of every request."""

import time
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qgp.http import logging
from qgp.http.access_log import CLIENT_CLOSED_REQUEST, AccessLog, AccessLogEntry
from qgp.http.client_address import host_of
from qgp.http.cors import Cors
from qgp.http.fast_path import FastPath
from qgp.http.headers import put, secure
from qgp.http.http_errors import HttpError, error_response
from qgp.http.request_head import RequestHead
from qgp.http.request_id import NAME, request_id
from qgp.http.tracing import trace_of


class RequestMiddleware:
    """Outermost middleware, so that the response to a failure has an id and a log entry too.

    The id is kept in `scope["state"]`. Beside it stands `scope["state"]["graphql"]`, a dict to
    which the endpoint adds its fields of the access log.

    Args:
        app: application that is wrapped.
        cors: origins that may call from a browser.
        access_log: log of the responses.

    Attributes:
        fast_path: what answers before there is an ASGI call, where the server looks for it.
    """

    def __init__(
        self, app: ASGIApp, cors: Cors, access_log: AccessLog, fast_path: FastPath | None = None
    ) -> None:
        self._access_log = access_log
        self.app = app
        self.cors = cors
        self.fast_path = fast_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the request, then write its log entry, also after a failure."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started_at = time.perf_counter()
        head = RequestHead(scope)
        status: int | None = None
        origin, id = head.raw(b"origin"), request_id(head.get(NAME))
        log_fields: dict[str, Any] = {**trace_of(head)}
        scope.setdefault("state", {}).update(request_id=id, graphql=log_fields)
        logging.request_id.set(id)
        logging.trace.set(dict(log_fields))
        preflight = self.cors.preflight(scope)

        async def send_with_headers(message: Message) -> None:
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

        app = preflight or _ambiguous_credentials(head, scope) or self.app
        try:
            await app(scope, receive, send_with_headers)
            status = status or CLIENT_CLOSED_REQUEST
        finally:
            seconds = time.perf_counter() - started_at
            entry = AccessLogEntry(
                id, scope["method"], scope["path"], host_of(scope), status or 500, seconds
            )
            self._access_log.write(entry, log_fields)


def _ambiguous_credentials(head: RequestHead, scope: Scope) -> ASGIApp | None:
    """Return the error response to a request with two `Authorization` headers (RFC 9110, 5.3)."""
    count = head.count(b"authorization")
    if count < 2:
        return None
    message = f"Send one `Authorization` header; this request has {count}."
    return error_response(scope, HttpError(400, message))
