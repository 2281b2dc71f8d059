"""Trial: subscriptions over two processes and a worker, cut, resumed, and a thousand at once.

`python -m tests.reliability.live_subscriptions` prints three lines: what a subscriber at one
process missed of the changes at the other while its socket was cut; how long a change took to reach
all of the open subscriptions; and the memory of their process.
"""

import argparse
import asyncio
import json
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from websockets.asyncio.client import ClientConnection, connect

from qgp.embedded import temporary
from tests.memory import in_memory
from tests.reliability.killed_workers import CREATE, worker
from tests.reliability.serving import Served, free_port, serving

CHANGES = """subscription ($after: String) { recordChanged(kinds: [SITE], after: $after) {
  cursor recordId version record { id ... on Site { code } } } }"""
PER_SOCKET = 20
PEOPLE = ("owner", "admin", "quality-manager", "lead-auditor", "hse-manager")


@dataclass(frozen=True)
class Socket:
    """A socket of graphql-transport-ws after its acknowledgement."""

    connection: ClientConnection

    async def subscribe(self, id: str, **variables: Any) -> None:
        """Begin an operation."""
        payload = {"query": CHANGES, "variables": variables}
        await self._send({"type": "subscribe", "id": id, "payload": payload})

    async def change(self) -> dict[str, Any]:
        """Return the next change of any operation."""
        while True:
            message = json.loads(await self.connection.recv())
            if message["type"] == "ping":
                await self._send({"type": "pong"})
            elif message["type"] == "next":
                assert "errors" not in message["payload"], message
                change: dict[str, Any] = message["payload"]["data"]["recordChanged"]
                return change
            else:
                raise AssertionError(message)

    async def _send(self, message: dict[str, Any]) -> None:
        await self.connection.send(json.dumps(message))


@asynccontextmanager
async def opened(served: Served, token: str) -> AsyncIterator[Socket]:
    """Open a socket as the user of a token."""
    url = f"ws://127.0.0.1:{served.port}/graphql"
    async with connect(url, subprotocols=["graphql-transport-ws"], ping_interval=None) as raw:  # type: ignore[list-item]
        await raw.send(
            json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}})
        )
        assert json.loads(await raw.recv())["type"] == "connection_ack"
        yield Socket(raw)


async def create(served: Served, token: str, code: str) -> None:
    """Create a site in a thread, as another client does."""
    answer = await asyncio.to_thread(partial(served.ask, CREATE, token, code=code))
    assert answer.json()["data"]["siteCreate"]["errors"] == [], answer.text


async def cut_and_resumed(first: Served, second: Served, seconds: float) -> None:
    """Print what a subscriber at one process missed of changes at the other."""
    reader, writer = first.sign_in(), second.sign_in()
    async with opened(first, reader) as socket:
        await socket.subscribe("1")
        await asyncio.sleep(0.5)
        await create(second, writer, "LIVE")
        seen = [await socket.change()]
        socket.connection.transport.abort()
    written, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        await create(second, writer, f"CUT{written}")
        written += 1
        await asyncio.sleep(0.2)
    async with opened(first, reader) as socket:
        await socket.subscribe("1", after=seen[0]["cursor"])
        missed = [(await socket.change())["record"]["code"] for _ in range(written)]
    expected = [f"CUT{number}" for number in range(written)]
    print(
        f"cut for {seconds:g} s: {written} changes at the other process, "
        f"{'all' if missed == expected else 'NOT all'} received in order after resuming"
    )


async def many(served: Served, writer_at: Served, count: int, process: int) -> None:
    """Print how long changes take to reach so many subscriptions, and the memory of the process."""
    before = memory(process)
    tokens = [served.sign_in(f"{name}@demo.example") for name in PEOPLE]
    writer = writer_at.sign_in()
    async with AsyncExitStack() as stack:
        sockets = []
        for number in range(count // PER_SOCKET):
            socket = await stack.enter_async_context(opened(served, tokens[number % len(tokens)]))
            for operation in range(PER_SOCKET):
                await socket.subscribe(str(operation))
            sockets.append(socket)
        await asyncio.sleep(2)
        open_memory, seconds = memory(process), list[float]()
        for number in range(10):
            receiving = asyncio.gather(*[_receive(socket) for socket in sockets])
            await create(writer_at, writer, f"MANY{number}")
            committed = time.monotonic()
            seconds += [at - committed for times in await receiving for at in times]
        centiles = statistics.quantiles(seconds, n=100)
        print(
            f"{count} subscriptions: a change reached all in p50 {centiles[49]:.3f} s, "
            f"p95 {centiles[94]:.3f} s, slowest {max(seconds):.3f} s"
        )
        print(f"memory: {before} MB before, {open_memory} MB open, {memory(process)} MB after")


async def _receive(socket: Socket) -> Sequence[float]:
    times = []
    for _ in range(PER_SOCKET):
        await socket.change()
        times.append(time.monotonic())
    return times


def memory(process: int) -> int:
    """Return the resident memory of a process in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    [line] = [line for line in status.splitlines() if line.startswith("VmRSS")]
    return int(line.split()[1]) // 1024


@contextmanager
def two_processes() -> Any:
    """Serve the demo's people by two processes and a worker, which share a database."""
    with (
        temporary(in_memory()) as server,
        tempfile.TemporaryDirectory(prefix="qgp-live-", dir=in_memory()) as name,
    ):
        first = Served(Path(name), server.url(), free_port())
        second = replace(first, port=free_port())
        first.run("migrate")
        first.run("seed", "demo", "--bare")
        # Nobody reads their logs, which would fill the pipe.
        served = partial(serving, WORKER="separate", DRAIN_SECONDS="0", LOG_LEVEL="ERROR")
        with served(first) as process, served(second), worker(first):
            first.await_status("/readyz", 200)
            second.await_status("/readyz", 200)
            yield first, second, process.pid


def main(arguments: Sequence[str] = sys.argv[1:]) -> None:
    """Run the trial."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60, help="for which the socket is cut")
    options.add_argument("--subscriptions", type=int, default=1_000)
    chosen = options.parse_args(arguments)
    with two_processes() as (first, second, process):
        asyncio.run(cut_and_resumed(first, second, chosen.seconds))
        asyncio.run(many(first, second, chosen.subscriptions, process))


if __name__ == "__main__":
    main()
