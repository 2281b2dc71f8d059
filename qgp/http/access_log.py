"""One line per request, with what the endpoint noted about it; never variables, never secrets."""

import logging
import time
from collections.abc import Mapping
from typing import Any

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOTED = (
    "operation_name",
    "document_hash",
    "organization",
    "user",
    "statements",
    "cost",
    "error_code",
)
_log = structlog.stdlib.get_logger("qgp.access")


class AccessLog:
    """Log method, path, status and milliseconds when the answer has left."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, then write the line, whatever became of the request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        status = 500

        async def watch(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, watch)
        finally:
            milliseconds = round((time.perf_counter() - begun) * 1000, 2)
            _write(scope, status, milliseconds)


def _write(scope: Scope, status: int, milliseconds: float) -> None:
    noted: Mapping[str, Any] = scope["state"]["graphql"]
    _log.log(
        logging.ERROR if status >= 500 else logging.INFO,
        "request",
        method=scope["method"],
        path=scope["path"],
        status=status,
        ms=milliseconds,
        **{name: noted[name] for name in _NOTED if noted.get(name) is not None},
    )
