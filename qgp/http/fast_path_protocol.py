"""HTTP protocol that offers each request to the fast path before it becomes an ASGI call.

Such a call costs more than a short response: two writes, a task, an event, and the request's head
taken apart and put together again. Relies on internals of uvicorn's httptools protocol, as
`connection_limits` does.
"""

import asyncio
from functools import partial
from typing import Any

from starlette.types import Scope
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from qgp.http.connection_limits import LimitedProtocol
from qgp.http.endpoint import BODY_SECONDS, DECLINED
from qgp.http.fast_path import METHOD, PATH, FastPath, FastRequest, RawResponse
from qgp.http.public_address import STATE, address_of, forwarded, forwarded_client
from qgp.http.repeated_heads import CheckedHead
from qgp.http.request_head import RequestHead

_METHOD, _PATH = METHOD.encode(), PATH.encode()
_SCHEMES = {"http", "https"}
_COPIED_BYTES = 64 * 1024  # a shorter body is copied behind its head rather than written apart
_AWAITED_BYTES = 16 * 1024  # of a body that may arrive after its head; as many as those of a head


class _NullEvent:
    """Stand-in for the event that tells an ASGI call of a new message."""

    def set(self) -> None:
        """Do nothing."""


class PendingCycle:
    """Request that the fast path examines, in place of uvicorn's cycle, whose attributes it has."""

    __slots__ = (
        "body", "checked", "disconnected", "keep_alive", "more_body", "response_complete", "scope",
        "timer",
    )  # fmt: skip
    message_event = _NullEvent()

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.body = bytearray()
        self.more_body = True
        self.keep_alive = True
        self.disconnected = False
        self.response_complete = False
        self.checked: CheckedHead | None = None  # if the rest of the body is awaited
        self.timer: asyncio.TimerHandle | None = None

    def stop_timer(self) -> None:
        """Stop waiting for the body."""
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class FastPathProtocol(LimitedProtocol):
    """Answers by the fast path what it can, and calls the application for the rest.

    Only a request that has arrived as a whole, on a connection whose earlier requests have been
    answered, is offered to the fast path. Many clients send the body after the head, so a short
    body is awaited, for as long as the application would.
    """

    cycle: Any
    scope: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._fast_path: FastPath | None = self.config.fast_path
        self._behind_proxy = False
        self._is_between_requests = True  # the parser has read no part of a next one
        self._new_data = b""  # what the parser reads, if a request begins with it

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Record whether the peer is a trusted proxy."""
        super().connection_made(transport)
        peer, trusted = self.client, self.config.trusted
        self._behind_proxy = bool(peer and trusted is not None and peer[0] in trusted)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forward a request whose body will not arrive to the application, which logs it."""
        super().connection_lost(exc)
        if isinstance(self.cycle, PendingCycle) and self.cycle.timer is not None:
            self._give_up(self.cycle)

    def data_received(self, data: bytes) -> None:
        """Offer a request whose head has arrived before to the fast path, else parse the data."""
        if self._is_between_requests:
            if self._fast_path is not None and self._can_begin() and self._repeats(data):
                return
            self._new_data = data
        super().data_received(data)
        self._new_data = b""
        if isinstance(self.cycle, PendingCycle) and self.cycle.more_body:
            self._await_body(self.cycle)

    def on_message_begin(self) -> None:
        """Note that the parser is inside a request."""
        self._is_between_requests = False
        super().on_message_begin()

    def begin(self) -> None:
        """Hold the request back for the fast path, or call the application."""
        if self._fast_path is not None and self._is_eligible():
            self.scope["method"] = METHOD
            self.cycle = PendingCycle(self.scope)
        else:
            super().begin()

    def on_message_complete(self) -> None:
        """Offer the request to the fast path."""
        super().on_message_complete()
        self._is_between_requests = not self.parser.should_upgrade()
        if isinstance(self.cycle, PendingCycle) and not self.cycle.response_complete:
            self._offer(self.cycle)

    def _is_eligible(self) -> bool:
        parser = self.parser
        return (
            self.url == _PATH
            and parser.get_method() == _METHOD
            and self._can_begin()
            and parser.get_http_version() == "1.1"
            and parser.should_keep_alive()
            and not parser.should_upgrade()
            and not self.expect_100_continue
        )

    def _can_begin(self) -> bool:
        return self._is_idle() and not self.flow.write_paused

    def _repeats(self, data: bytes) -> bool:
        """Whether the data are one request with a repeated head, which is served then."""
        assert self._fast_path is not None
        repeated = None if self.transport.is_closing() else self._fast_path.heads.find(data)
        if repeated is None:
            return False
        self._unset_keepalive_if_required()
        self._stop_timer()
        checked, body = repeated
        request = self._accepted(checked, body)
        if request is not None and (response := request.respond_without_io()):
            self._write(response)
            self.on_response_complete()
            return True
        HttpToolsProtocol.on_message_begin(self)  # makes the scope
        self.headers.extend(checked.head.pairs)
        self.scope["method"] = METHOD
        self.cycle = cycle = PendingCycle(self.scope)
        cycle.body += body
        cycle.more_body = False
        self._serve(cycle, request)
        return True

    def _await_body(self, cycle: PendingCycle) -> None:
        """Wait for the rest of a short body, or forward the request to the application."""
        assert self._fast_path is not None
        if cycle.timer is not None:
            return
        head = RequestHead(cycle.scope)
        checked, length = self._fast_path.check(head), head.get(b"content-length")
        if checked is None or not length.isdecimal() or int(length) > _AWAITED_BYTES:
            self._forward(cycle)
            return
        cycle.checked = checked
        seconds = self._fast_path.endpoint.limits.body_seconds
        cycle.timer = self.loop.call_later(seconds, self._give_up, cycle)

    def _give_up(self, cycle: PendingCycle) -> None:
        """Forward a request whose body has not arrived in time to the application."""
        cycle.stop_timer()
        cycle.scope["state"][BODY_SECONDS] = 0
        self._forward(cycle)

    def _offer(self, cycle: PendingCycle) -> None:
        assert self._fast_path is not None
        cycle.stop_timer()
        checked = cycle.checked or self._fast_path.check(RequestHead(cycle.scope))
        if checked is None:
            self._forward(cycle)
            return
        request = self._accepted(checked, body := bytes(cycle.body))
        if request is not None:
            self._fast_path.heads.remember(self._new_data, body, checked)
        if request is not None and (response := request.respond_without_io()):
            self._respond(cycle, response)
        else:
            self._serve(cycle, request)

    def _accepted(self, checked: CheckedHead, body: bytes) -> FastRequest | None:
        assert self._fast_path is not None
        scheme, host = self._scheme(checked.head), self._host(checked.head)
        return self._fast_path.accept(checked, body, scheme, host)

    def _serve(self, cycle: PendingCycle, request: FastRequest | None) -> None:
        """Answer a request that needs I/O, or leave it to the application."""
        if request is None:
            self._forward(cycle)
            return
        task = self.loop.create_task(self._wait(cycle, request))
        task.add_done_callback(self.tasks.discard)
        self.tasks.add(task)

    async def _wait(self, cycle: PendingCycle, request: FastRequest) -> None:
        response = await request.respond(partial(self._public_url, cycle.scope, request.scheme))
        if response is None:
            cycle.scope["state"][DECLINED] = request.extensions
            self._forward(cycle)
        else:
            self._respond(cycle, response)

    def _respond(self, cycle: PendingCycle, response: RawResponse) -> None:
        cycle.response_complete = True
        if not cycle.disconnected:
            self._write(response, b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n")
            if not cycle.keep_alive:
                self.transport.close()
        self.on_response_complete()

    def _write(self, response: RawResponse, end: bytes = b"\r\n") -> None:
        parts = (response.head, end, response.body)
        if len(response.body) < _COPIED_BYTES:
            self.transport.write(b"".join(parts))
        else:
            self.transport.writelines(parts)

    def _forward(self, pending: PendingCycle) -> None:
        """Call the application as uvicorn would have done."""
        pending.scope.update(method=METHOD, path=PATH, raw_path=_PATH, query_string=b"")
        cycle = RequestResponseCycle(
            scope=pending.scope,  # type: ignore[arg-type]  # made by uvicorn
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=self.access_log,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=False,
            keep_alive=pending.keep_alive,
            on_response=self.on_response_complete,
        )
        cycle.body, cycle.more_body, cycle.disconnected = (
            pending.body,
            pending.more_body,
            pending.disconnected,
        )
        cycle.message_event.set()
        if self.cycle is pending:
            self.cycle = cycle
        self._start_asgi_task(cycle, self.app)

    def _host(self, head: RequestHead) -> str:
        """Return the client's address, as a trusted proxy forwards it."""
        host = self.client[0] if self.client else ""
        if not self._behind_proxy:
            return host
        if addresses := head.joined(b"x-forwarded-for"):
            return self.config.trusted.get_trusted_client_address(addresses)[0] or host
        return forwarded_client(head.pairs, self.config.trusted) or host

    def _public_url(self, scope: Scope, scheme: str) -> str:
        """Return the address of the server, as `PublicAddresses` lets the application see it."""
        trusted = self.config.trusted if self._behind_proxy else ()
        state = {STATE: forwarded(scope["headers"], trusted)} if self._behind_proxy else {}
        return address_of({**scope, "scheme": scheme, "state": state})

    def _scheme(self, head: RequestHead) -> str:
        forwarded = head.get(b"x-forwarded-proto").strip() if self._behind_proxy else ""
        return forwarded if forwarded in _SCHEMES else self.scheme or "http"
