"""Measure what other users wait for while one user sends heavy queries.

    .venv/bin/python -m bench.fairness [--seconds 20] [--connections 200] [--data FOLDER]

Starts the server with the demo on a free port of this machine. One user sends heavy queries over
200 connections, some read by plan and some by resolvers; whoever is refused waits as long as
`Retry-After` says. Beside them another user sends a light query, somebody signs in, and a probe
asks `/healthz`, each on a connection of its own. Prints latencies and outcomes. Exit 1 if a light
query's p99 is above 500 ms, a probe's above 100 ms, or an answer to either or to a sign-in is not
the one that is due.
"""

import argparse
import asyncio
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.client import Connection, Reply, free_port
from qgp.demo import PASSWORD

HEAVY_USER, LIGHT_USER = "owner@demo.example", "auditor@demo.example"
LIGHT = "{ findings(first: 10) { nodes { id reference title status owner { name } } } }"
LOGIN = """mutation ($input: LoginInput!) {
  login(input: $input) { accessToken errors { code message } }
}"""
ROWS = "reference title status owner { name department { name } } site { name code }"
ACTIONS = "actions(first: 10) { nodes { reference title status dueOn owner { name } } }"
HEAVY = (
    f"{{ findings(first: 100) {{ totalCount nodes {{ {ROWS} {ACTIONS} }} }} }}",
    f"{{ viewer {{ user {{ name }} }} findings(first: 100) {{ nodes {{ {ROWS} {ACTIONS} }} }} }}",
    f"{{ findings(first: 35) {{ nodes {{ {ROWS} availableTransitions {{ name isAllowed"
    " blockers { code message } } } } }",
    "{ trail(first: 100) { nodes { action changes { field before after } record { id } } } }",
)
LIGHT_MS, PROBE_MS = 500, 100
PATIENCE = 30.0  # seconds for one answer
SEEDING = 600.0  # seconds for the demo to be filled in


@dataclass
class Sample:
    """Latencies in milliseconds, and outcomes, of one kind of request."""

    name: str
    taken: list[float] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def add(self, reply: Reply, seconds: float) -> None:
        """Count one answer."""
        self.taken.append(seconds * 1000)
        self.outcomes[reply.outcome] += 1

    def quantile(self, share: float) -> float:
        """Return the latency that this share of the answers did not exceed."""
        ordered = sorted(self.taken) or [math.nan]
        return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]

    def __str__(self) -> str:
        median = statistics.median(self.taken) if self.taken else math.nan
        outcomes = ", ".join(f"{count} {name}" for name, count in self.outcomes.most_common())
        latencies = f"{median:8.1f} {self.quantile(0.99):8.1f} {self.quantile(1):8.1f}"
        return f"{self.name:10} {len(self.taken):6} {latencies}  {outcomes}"


async def sign_in(port: int, email: str) -> Reply:
    """Sign somebody of the demo in."""
    async with Connection.to(port) as connection:
        return await connection.post(LOGIN, {"input": {"email": email, "password": PASSWORD}})


async def press(port: int, token: str, number: int, end: float, sample: Sample) -> None:
    """Send heavy queries one after the other until the end."""
    async with Connection.to(port, token) as connection:
        while time.monotonic() < end:
            began = time.monotonic()
            reply = await connection.post(HEAVY[number % len(HEAVY)])
            sample.add(reply, time.monotonic() - began)
            number += 1
            await asyncio.sleep(min(reply.retry_after, max(0.0, end - time.monotonic())))


async def repeat(
    ask: Callable[[], Awaitable[Reply]], pause: float, end: float, sample: Sample
) -> None:
    """Send requests at intervals until the end."""
    while time.monotonic() < end:
        began = time.monotonic()
        sample.add(await ask(), time.monotonic() - began)
        await asyncio.sleep(pause)


async def measure(port: int, seconds: float, connections: int) -> Sequence[Sample]:
    """Return heavy queries, light queries, probes and sign-ins, side by side."""
    heavy, light = [(await sign_in(port, who)).token for who in (HEAVY_USER, LIGHT_USER)]
    samples = [Sample(name) for name in ("heavy", "light", "healthz", "sign-in")]
    end = time.monotonic() + seconds
    async with Connection.to(port, light) as first, Connection.to(port) as second:
        await first.post(LIGHT)
        load = [press(port, heavy, number, end, samples[0]) for number in range(connections)]
        await asyncio.gather(
            *load,
            repeat(lambda: first.post(LIGHT), 0.02, end, samples[1]),
            repeat(lambda: second.get("/healthz"), 0.02, end, samples[2]),
            repeat(lambda: sign_in(port, LIGHT_USER), 2, end, samples[3]),
        )
    return samples


def judge(samples: Sequence[Sample]) -> bool:
    """Print the samples; say whether everybody else was served as promised."""
    print(f"{'':10} {'asked':>6} {'p50 ms':>8} {'p99 ms':>8} {'max ms':>8}  outcomes")
    print(*samples, sep="\n")
    _, light, probe, login = samples
    served = all(set(each.outcomes) == {"200"} for each in (light, probe, login))
    return served and light.quantile(0.99) <= LIGHT_MS and probe.quantile(0.99) <= PROBE_MS


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Serve the demo until the block ends; the port is yielded once it is ready."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("qgp")), "dev"]
    environment = {**os.environ, "QGP_DATA_DIR": str(folder), "PORT": str(port)}
    log = (folder / "server.log").open("w")
    process = subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
    try:
        asyncio.run(ready(port, process))
        yield port
    finally:
        process.terminate()
        process.wait(30)
        log.close()


async def ready(port: int, process: "subprocess.Popen[Any]") -> None:
    """Wait until the server may have traffic."""
    end = time.monotonic() + SEEDING
    while time.monotonic() < end and process.poll() is None:
        try:
            async with Connection.to(port) as connection:
                if (await connection.get("/readyz")).outcome == "200":
                    return
        except OSError:
            pass
        await asyncio.sleep(0.5)
    raise SystemExit("The server did not become ready; its last words are in server.log.")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__)
    parser.add_argument("--seconds", type=float, default=20, help="of load, at most 120")
    parser.add_argument("--connections", type=int, default=200, help="of heavy queries, <= 1000")
    parser.add_argument("--data", type=Path, help="keep the demo's database in this folder")
    options = parser.parse_args()
    seconds, connections = min(options.seconds, 120), min(options.connections, 1000)
    with tempfile.TemporaryDirectory(prefix="qgp-fairness-") as temporary:
        folder: Path = options.data or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"load average before: {json.dumps(os.getloadavg())}")
        with serving(folder) as port:
            return 0 if judge(asyncio.run(measure(port, seconds, connections))) else 1


if __name__ == "__main__":
    sys.exit(main())
