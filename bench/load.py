"""One slice of load on one server: wrk for a second or two, and what it cost whom."""

import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Self

from bench import agreement, processor, trail
from bench.database import Stage
from bench.queries import Query, with_ids
from bench.servers import Running

LONGEST = 40.0  # seconds of a slice, however slow the server
_SLOW = 5  # times as long as asked
_IDLE = 0.03  # CPU seconds in a tenth of a second
_MILLION = 1_000_000
_slices = count(1)


@dataclass(frozen=True)
class Slice:
    """Measurements of one slice.

    Attributes:
        rate: answers each second.
        p50, p99: latency in milliseconds.
        server_ms, database_ms: CPU of one request.
        foreign: processors that somebody else kept busy meanwhile, of this machine's.
        failures: what was refused, broken, wrong or lost.
    """

    server: str
    query: str
    concurrency: int
    turn: int
    requests: int
    rate: float
    p50: float
    p99: float
    server_ms: float
    database_ms: float
    foreign: float
    bytes: float
    failures: list[str] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return it for JSON."""
        return asdict(self)


class Missing(Exception):
    """A program of the system is not there."""


def require_wrk() -> None:
    """Raise Missing where there is no load generator."""
    if shutil.which("wrk") is None:
        raise Missing("wrk is not installed. On Debian: apt-get install wrk")


class _Sampler(threading.Thread):
    """Asks twice while the load is on, and reads the whole answer, which wrk does not."""

    def __init__(self, server: Running, query: Query, values: Any, seconds: float) -> None:
        super().__init__()
        self._question = (server, query, values)
        self._pause = seconds / 3
        self.wrong: list[str] = []

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.join()

    def run(self) -> None:
        """Run the sampler."""
        for _ in range(2):
            time.sleep(self._pause)
            try:
                agreement.answer(*self._question, code=_fresh_code())
            except (agreement.Disagreement, OSError) as error:
                self.wrong.append(str(error))


class Load:
    """Puts load on servers, each with its own prepared requests.

    Args:
        stage: the database.
        organizations: callers of so many organizations send in turn.
    """

    def __init__(self, stage: Stage, organizations: int = 1) -> None:
        self._stage = stage
        self._organizations = organizations
        self._folder = tempfile.TemporaryDirectory(prefix="qgp-bench-")
        self._latency: dict[tuple[str, str], float] = {}
        self._asked: dict[str, Sequence[Mapping[str, Any]]] = {}

    def warm(self, server: Running, query: Query, seconds: float) -> None:
        """Warm caches and compilers; record the time of one answer."""
        values, times = self._values(query)[0], []
        for _ in range(3):
            started = time.perf_counter()
            agreement.answer(server, query, values, code=_fresh_code())
            times.append(time.perf_counter() - started)
        self._latency[server.name, query.name] = min(times)
        self._wrk(server, query, 8, self._stretched(server, query, 8, seconds))
        _drain(server)
        if query.changes:
            self._stage.analyze()
        self._tidy(query)

    def slice(
        self, server: Running, query: Query, concurrency: int, seconds: float, turn: int
    ) -> Slice:
        """Measure once; a slow server gets as long as its requests need, up to LONGEST."""
        needed = self._stretched(server, query, concurrency, seconds)
        watched = (server.process.pid, self._stage.postmaster)
        before, busy = [processor.seconds(pid) for pid in watched], processor.busy_seconds()
        started = time.perf_counter()
        with _Sampler(server, query, self._values(query)[0], needed) as sampler:
            seen, wrk_cpu = self._wrk(server, query, concurrency, needed)
        took = time.perf_counter() - started
        server_cpu, database_cpu = (
            processor.seconds(pid) - was for pid, was in zip(watched, before, strict=True)
        )
        foreign = processor.busy_seconds() - busy - server_cpu - database_cpu - wrk_cpu
        _drain(server)
        # In a closed loop both say the same; where few requests fit, only the latency is exact.
        by_latency = 1000 * concurrency / seen["mean"] if seen["mean"] else 0.0
        rate = by_latency if needed > seconds else seen["requests"] / seen["seconds"]
        answered = max(rate * seen["seconds"], 1)
        return Slice(
            server=server.name,
            query=query.name,
            concurrency=concurrency,
            turn=turn,
            requests=seen["requests"],
            rate=rate,
            p50=seen["p50"],
            p99=seen["p99"],
            server_ms=1000 * server_cpu / answered,
            database_ms=1000 * database_cpu / answered,
            foreign=foreign / took,
            bytes=seen["bytes"] / max(seen["requests"], 1),
            failures=sampler.wrong + self._failures(server, query, seen),
        )

    def is_slow(self, server: Running, query: Query, concurrency: int, seconds: float) -> bool:
        """Whether a slice has to be much longer than asked."""
        return self._stretched(server, query, concurrency, seconds) > _SLOW * seconds

    def _stretched(self, server: Running, query: Query, concurrency: int, seconds: float) -> float:
        """Return the seconds in which every connection has two answers, if that can be."""
        waves = 2 * concurrency * self._latency[server.name, query.name]
        return min(max(seconds, waves), LONGEST)

    def _wrk(
        self, server: Running, query: Query, concurrency: int, seconds: float
    ) -> tuple[dict[str, Any], float]:
        """Return what wrk saw, and the CPU seconds of wrk itself."""
        script = str(Path(__file__).with_suffix(".lua"))
        options = ["-t1", f"-c{concurrency}", f"-d{max(1, round(seconds))}s", "--timeout", "60s"]
        address = f"http://127.0.0.1:{server.port}/"
        first = str(next(_slices) * _MILLION)
        command = ["wrk", *options, "-s", script, address, "--"]
        before = _children()
        done = subprocess.run(
            [*command, str(self._requests(server, query)), first],
            capture_output=True,
            text=True,
            check=True,
        )
        seen: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return seen, _children() - before

    def _requests(self, server: Running, query: Query) -> Path:
        """Write the requests once, each ended by a NUL."""
        path = Path(self._folder.name) / f"{server.name}.{query.name}"
        if not path.exists():
            raw = [
                self._request(server, query, values, place)
                for values in self._values(query)
                for place in range(self._organizations)
            ]
            path.write_bytes(b"\0".join(raw))
        return path

    @staticmethod
    def _request(server: Running, query: Query, values: Mapping[str, Any], place: int) -> bytes:
        """Return the request of the caller in one organization."""
        of_caller = with_ids(values, lambda key: key.in_organization(place))
        return server.dialect.ask(query, of_caller).raw(server.port, server.callers[place])

    def _failures(self, server: Running, query: Query, seen: dict[str, Any]) -> list[str]:
        failures = []
        if seen["refused"] or seen["broken"]:
            failures.append(f"{seen['refused']} refused, {seen['broken']} broken")
        if not seen["requests"]:
            failures.append("no answer in time")
        if query.changes and (created := self._stage.findings()) < seen["requests"]:
            failures.append(f"{created} rows made by {seen['requests']} requests")
        if query.changes and trail.writers([server]):
            failures += trail.problems(self._organizations)
        self._tidy(query)
        return failures

    def _values(self, query: Query) -> Sequence[Mapping[str, Any]]:
        if query.name not in self._asked:
            self._asked[query.name] = query.values(self._stage)
        return self._asked[query.name]

    def _tidy(self, query: Query) -> None:
        if query.changes:
            self._stage.forget()


def _drain(server: Running) -> None:
    """Wait until the server has done with what nobody waits for any more."""
    deadline = time.monotonic() + LONGEST
    while time.monotonic() < deadline:
        before = processor.seconds(server.process.pid)
        time.sleep(0.1)
        if processor.seconds(server.process.pid) - before < _IDLE:
            return


def _fresh_code() -> str:
    return f"B{next(_slices) * _MILLION:012d}"


def _children() -> float:
    """Return the CPU seconds of our children that have ended, and our own."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system
