"""Connection limits: time and size of a request's head, and time of an idle connection.

Relies on internals of uvicorn's httptools protocol (0.54, pinned); tests/http/test_server.py proves
each rule on real sockets. The endpoint limits the time of bodies.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from qgp.http.public_address import PublicAddresses


class ServerConfig(uvicorn.Config):
    """Uvicorn's configuration with the limits of connections.

    Attributes:
        header_seconds: time for a request's head to arrive, from its first byte; also the life of
            a connection that sends nothing.
        header_bytes: maximum size of a request's head.
        on_configure: sets up logging in this process; each worker calls it again.
        fast_path: the application's fast path, if it has one.
        trusted: the trusted proxies, if there are any.
    """

    header_seconds: float = 10
    header_bytes: int = 16 * 1024
    on_configure: Callable[[], None] | None = None
    fast_path: Any = None
    trusted: Any = None

    def load(self) -> None:
        """Load the application, and look for its fast path behind uvicorn's own middleware."""
        super().load()
        app: Any = self.loaded_app
        if isinstance(app, ProxyHeadersMiddleware):
            app, self.trusted = app.app, app.trusted_hosts
            self.loaded_app = PublicAddresses(self.loaded_app, self.trusted)
        self.fast_path = getattr(app, "fast_path", None)

    def configure_logging(self) -> None:
        """Set up the server's logging in place of uvicorn's."""
        if self.on_configure is not None:
            self.on_configure()


class LimitedProtocol(HttpToolsProtocol):
    """Protocol with a timer between requests and until a request's head is complete."""

    config: ServerConfig

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # uvicorn looks for a handler instead, finds the one that silences it, and makes a record.
        self.access_log = self.config.access_log
        self._deadline: asyncio.TimerHandle | None = None
        self._in_head = True
        self._head_bytes = 0
        self._received = 0
        self._is_too_large = False
        self._is_upgraded = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Start the timer of the first request."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the timer."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count the bytes of an incomplete head, and start the timer of an idle connection."""
        self._received = len(data)
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing() or self._is_upgraded:
            return
        if self._in_head and self._head_bytes > self.config.header_bytes:
            self._is_too_large = True
            self.send_400_response("")
        elif self._in_head or (self._is_idle() and self.timeout_keep_alive_task is None):
            self._start_timer()

    def on_message_begin(self) -> None:
        """Begin the next head; the timer starts unless its end has arrived too."""
        super().on_message_begin()
        if not self._in_head:
            self._stop_timer()
            self._head_bytes = 0
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Refuse a head that is too large, else begin the request."""
        if self._head_bytes + self._received > self.config.header_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self.config.header_bytes:
                self._is_too_large = True
                raise OverflowError
        self._in_head = False
        self._stop_timer()
        self.begin()

    def begin(self) -> None:
        """Call the application; the body may still be arriving."""
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the other protocol."""
        self._stop_timer()
        self._is_upgraded = True
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answer a head that cannot be parsed; 431 if it is only too large."""
        self._stop_timer()
        if not self._is_too_large:
            super().send_400_response(msg)
            return
        self.transport.write(STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _start_timer(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.config.header_seconds, self._expire)

    def _stop_timer(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()
