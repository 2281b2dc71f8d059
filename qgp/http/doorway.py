"""Connections that show each request to the door before it becomes an ASGI call.

Such a call costs more than a short answer: two writes, a task, an event, the head taken apart
and put together once more. Leans on the inside of uvicorn's httptools protocol, as the guard does.
"""

import asyncio
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from qgp.http.door import METHOD, PATH, Door, Response, Visit
from qgp.http.endpoint import UNREAD
from qgp.http.guard import GuardedProtocol
from qgp.http.head import Head
from qgp.http.public_address import forwarded_client

_METHOD, _PATH = METHOD.encode(), PATH.encode()
_SCHEMES = {"http", "https"}
_SMALL = 64 * 1024  # bytes of a body that is copied behind its head rather than written apart


class _Nobody:
    """Waits for nothing."""

    def set(self) -> None:
        """Do nothing."""


class Turn:
    """A request before the door, in the place of uvicorn's cycle; attributes are the cycle's."""

    __slots__ = ("body", "disconnected", "keep_alive", "more_body", "response_complete", "scope")
    message_event = _Nobody()

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False


class DoorwayProtocol(GuardedProtocol):
    """Answers at the door what is answered there, and calls the application for the rest.

    Only a request that is there as a whole, and whose predecessors have been answered, is shown.
    """

    cycle: Any
    scope: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._door: Door | None = self.config.door
        self._behind_proxy = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Note whether the peer may say how it was reached."""
        super().connection_made(transport)
        peer, trusted = self.client, self.config.trusted
        self._behind_proxy = bool(peer and trusted is not None and peer[0] in trusted)

    def data_received(self, data: bytes) -> None:
        """Let in what has not arrived as a whole: inside there is a clock for bodies."""
        super().data_received(data)
        if isinstance(self.cycle, Turn) and self.cycle.more_body:
            self._let_in(self.cycle)

    def begin(self) -> None:
        """Keep the request for the door, or call the application."""
        if self._door is not None and self._may_be_shown():
            self.scope["method"] = METHOD
            self.cycle = Turn(self.scope)
        else:
            super().begin()

    def on_message_complete(self) -> None:
        """Show the request."""
        super().on_message_complete()
        if isinstance(self.cycle, Turn) and not self.cycle.response_complete:
            self._show(self.cycle)

    def _may_be_shown(self) -> bool:
        parser = self.parser
        return (
            self.url == _PATH
            and parser.get_method() == _METHOD
            and self._is_idle()
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.expect_100_continue
            and not self.flow.write_paused
        )

    def _show(self, turn: Turn) -> None:
        assert self._door is not None
        head = Head(turn.scope)
        visit = self._door.visit(head, bytes(turn.body), self._scheme(head), self._host(head))
        if visit is None:
            self._let_in(turn)
        elif found := visit.at_once():
            self._leave(turn, found)
        else:
            task = self.loop.create_task(self._wait(turn, visit))
            task.add_done_callback(self.tasks.discard)
            self.tasks.add(task)

    async def _wait(self, turn: Turn, visit: Visit) -> None:
        found = await visit.response()
        if found is None:
            turn.scope["state"][UNREAD] = visit.told
            self._let_in(turn)
        else:
            self._leave(turn, found)

    def _leave(self, turn: Turn, found: Response) -> None:
        turn.response_complete = True
        if not turn.disconnected:
            head, body = found
            head += b"\r\n" if turn.keep_alive else b"connection: close\r\n\r\n"
            if len(body) < _SMALL:
                self.transport.write(head + body)
            else:
                self.transport.writelines((head, body))
            if not turn.keep_alive:
                self.transport.close()
        self.on_response_complete()

    def _let_in(self, turn: Turn) -> None:
        """Call the application as uvicorn would have done."""
        turn.scope.update(method=METHOD, path=PATH, raw_path=_PATH, query_string=b"")
        cycle = RequestResponseCycle(
            scope=turn.scope,  # type: ignore[arg-type]  # made by uvicorn
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=turn.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body, cycle.more_body, cycle.disconnected = (
            turn.body,
            turn.more_body,
            turn.disconnected,
        )
        cycle.message_event.set()
        if self.cycle is turn:
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)

    def _host(self, head: Head) -> str:
        """Return the address of the caller, after what a trusted proxy says of it."""
        host = self.client[0] if self.client else ""
        if not self._behind_proxy:
            return host
        if addresses := head.joined(b"x-forwarded-for"):
            return self.config.trusted.get_trusted_client_address(addresses)[0] or host
        return forwarded_client(head.pairs, self.config.trusted) or host

    def _scheme(self, head: Head) -> str:
        told = head.get(b"x-forwarded-proto").strip() if self._behind_proxy else ""
        return told if told in _SCHEMES else self.scheme or "http"
