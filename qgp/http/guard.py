"""Connections that dawdle are closed: uvicorn alone would keep them for ever.

Leans on the inside of uvicorn's httptools protocol (0.54, pinned); tests/http/test_server.py
proves each rule on real sockets. Slow bodies are the endpoint's affair.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from qgp.http.public_address import PublicAddresses


class ServerConfig(uvicorn.Config):
    """Uvicorn's configuration and what the guard needs.

    Attributes:
        header_seconds: time for a request's head to arrive, from its first byte; also the life of
            a connection that never says anything.
        header_bytes: size of a request's head.
        on_configure: sets up logging in this process; each worker calls it anew.
        door: who answers at the door, if the application has one.
        trusted: the proxies that are believed, if there are any.
    """

    header_seconds: float = 10
    header_bytes: int = 16 * 1024
    on_configure: Callable[[], None] | None = None
    door: Any = None
    trusted: Any = None

    def load(self) -> None:
        """Load the application, and look for its door behind what uvicorn puts around it."""
        super().load()
        found: Any = self.loaded_app
        if isinstance(found, ProxyHeadersMiddleware):
            found, self.trusted = found.app, found.trusted_hosts
            self.loaded_app = PublicAddresses(self.loaded_app, self.trusted)
        self.door = getattr(found, "door", None)

    def configure_logging(self) -> None:
        """Set up our logging, not uvicorn's."""
        if self.on_configure is not None:
            self.on_configure()


class GuardedProtocol(HttpToolsProtocol):
    """Between requests, and until a head is complete, some timer is always running."""

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

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Start the clock of the first request."""
        super().connection_made(transport)
        self._arm()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop the clock."""
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count an unfinished head, and never leave an idle connection without a clock."""
        self._received = len(data)
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._in_head and self._head_bytes > self.config.header_bytes:
            self._is_too_large = True
            self.send_400_response("")
        elif self._in_head or (self._is_idle() and self.timeout_keep_alive_task is None):
            self._arm()

    def on_message_begin(self) -> None:
        """Begin the next head; if it does not end with what has come, its clock starts."""
        super().on_message_begin()
        if not self._in_head:
            self._disarm()
            self._head_bytes = 0
        self._in_head = True

    def on_headers_complete(self) -> None:
        """Refuse a large head that came in one piece; else the request is the application's."""
        if self._head_bytes + self._received > self.config.header_bytes:
            size = len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers)
            if size > self.config.header_bytes:
                self._is_too_large = True
                raise OverflowError
        self._in_head = False
        self._disarm()
        self.begin()

    def begin(self) -> None:
        """Call the application; the body may still be under way."""
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """Leave the connection to the other protocol."""
        self._disarm()
        super().handle_websocket_upgrade()

    def send_400_response(self, msg: str) -> None:
        """Answer a head that cannot be read; 431 where it is only too large."""
        self._disarm()
        if not self._is_too_large:
            super().send_400_response(msg)
            return
        self.transport.write(STATUS_LINE[431] + b"content-length: 0\r\nconnection: close\r\n\r\n")
        self.transport.close()

    def _is_idle(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.config.header_seconds, self._expire)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _expire(self) -> None:
        self._deadline = None
        if self._is_idle() and not self.transport.is_closing():
            self.transport.close()
