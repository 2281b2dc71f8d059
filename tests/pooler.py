"""A connection pooler as PgBouncer is one, before a PostgreSQL that listens on a unix socket."""

import asyncio
import os
import struct
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

_TLS_REQUEST, _CANCEL_REQUEST = 80877103, 80877102
_CLOSED = (asyncio.IncompleteReadError, ConnectionError)


@dataclass
class Backend:
    """One connection to PostgreSQL.

    Attributes:
        greeting: what the server sent until it was ready, without its cancellation key.
    """

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    greeting: bytes = b""


@dataclass
class Pooler:
    """Clients share server connections, which go to others between two transactions.

    Attributes:
        address: of the database.
        is_per_session: whether a client keeps its server connection instead.
        is_round_robin: whether the one that was idle longest comes next, not the last used.
        size: server connections at most; further clients wait.
        opened: server connections so far.
    """

    address: sa.URL
    is_per_session: bool = False
    is_round_robin: bool = False
    size: int = 10
    port: int = 0
    opened: int = 0
    _writers: list[asyncio.StreamWriter] = field(default_factory=list)
    _idle: deque[Backend] = field(default_factory=deque)
    _free: asyncio.Semaphore = field(init=False)

    async def listen(self) -> asyncio.Server:
        self._free = asyncio.Semaphore(self.size)
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def close(self, server: asyncio.Server) -> None:
        """End every client, also those that wait for a server connection."""
        server.close()
        serving = asyncio.all_tasks() - {asyncio.current_task()}
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)
        for writer in self._writers:
            writer.close()
        for writer in self._writers:
            with suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.append(writer)
        client = _Client(self, reader, writer)
        try:
            with suppress(*_CLOSED):
                await client.run()
        finally:
            client.end()
            writer.close()

    async def take(self, startup: bytes) -> Backend:
        await self._free.acquire()
        if not self._idle:
            return await self._open(startup)
        return self._idle.popleft() if self.is_round_robin else self._idle.pop()

    def give_back(self, backend: Backend) -> None:
        self._idle.append(backend)
        self._free.release()

    def drop(self, backend: Backend) -> None:
        backend.writer.close()
        self._free.release()

    async def _open(self, startup: bytes) -> Backend:
        self.opened += 1
        path = Path(str(self.address.query["host"])) / ".s.PGSQL.5432"
        backend = Backend(*await asyncio.open_unix_connection(path))
        self._writers.append(backend.writer)
        backend.writer.write(startup)
        kind = b""
        while kind != b"Z":
            kind, message = await _message(backend.reader)
            backend.greeting += b"" if kind in b"KZ" else message
        return backend


class _Client:
    """One client's connection, and the server connection that it has for now."""

    def __init__(
        self, pooler: Pooler, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._pooler, self._reader, self._writer = pooler, reader, writer
        self._startup = b""
        self._backend: Backend | None = None
        self._answering: asyncio.Task[None] | None = None
        self._outstanding = 0

    async def run(self) -> None:
        if not await self._begin():
            return
        while True:
            kind, message = await _message(self._reader)
            if kind == b"X":
                return
            if self._backend is None:
                self._backend = await self._pooler.take(self._startup)
            if self._answering is None:
                self._answering = asyncio.ensure_future(self._answer(self._backend))
            self._outstanding += kind in b"QS"
            self._backend.writer.write(message)

    def end(self) -> None:
        """Keep the server connection for others only if nothing is under way on it."""
        if self._answering is not None:
            self._answering.cancel()
        if self._backend is not None:
            self._pooler.drop(self._backend)

    async def _begin(self) -> bool:
        """Answer the client's startup; return whether there is one."""
        while True:
            head = await self._reader.readexactly(8)
            length, code = struct.unpack("!II", head)
            body = await self._reader.readexactly(length - 8)
            if code == _CANCEL_REQUEST:
                return False
            if code != _TLS_REQUEST:
                break
            self._writer.write(b"N")
        self._startup = head + body
        self._backend = await self._pooler.take(self._startup)
        key = b"K" + struct.pack("!I", 12) + os.urandom(8)
        self._writer.write(self._backend.greeting + key + b"Z\0\0\0\x05I")
        self._release()
        return True

    async def _answer(self, backend: Backend) -> None:
        """Pass the server's messages on, until the transaction is over."""
        while True:
            kind, message = await _message(backend.reader)
            self._writer.write(message)
            self._outstanding -= kind == b"Z"
            if message == b"Z\0\0\0\x05I" and not self._outstanding:
                self._release()
                if self._backend is None:
                    self._answering = None
                    return

    def _release(self) -> None:
        if self._backend is not None and not self._pooler.is_per_session:
            self._pooler.give_back(self._backend)
            self._backend = None


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Return the kind of the next message, and all of it."""
    head = await reader.readexactly(5)
    return head[:1], head + await reader.readexactly(int.from_bytes(head[1:], "big") - 4)


@contextmanager
def pooling(pooler: Pooler) -> Iterator[sa.URL]:
    """Run the pooler beside the test, and give the address of the database behind it."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        server = asyncio.run_coroutine_threadsafe(pooler.listen(), loop).result(10)
        try:
            yield pooler.address.set(host="127.0.0.1", port=pooler.port, query={})
        finally:
            asyncio.run_coroutine_threadsafe(pooler.close(server), loop).result(10)
    finally:  # a thread that goes on would keep the run from ending
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
