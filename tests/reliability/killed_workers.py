"""Trial: 2,000 events reach a webhook while the worker is killed 20 times.

`python -m tests.reliability.killed_workers` prints what arrived, and how soon when nothing else
happens. Each event is one version of a site.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from qgp.embedded import temporary
from tests.memory import in_memory
from tests.reliability.serving import QGP, Served, free_port, serving

ENDPOINT = """mutation ($url: URL!) { webhookEndpointCreate(input: {
  name: "Trial", url: $url, events: ["site.*"]}) { webhookEndpoint { id } errors { message } } }"""
CREATE = """mutation ($code: String!) { siteCreate(input: {code: $code, name: "New"}) {
  site { id } errors { message } } }"""
RENAME = """mutation ($id: ID!, $version: Int!, $name: String!) { siteUpdate(input: {
  id: $id, expectedVersion: $version, name: $name}) { site { id } errors { message } } }"""
VERSIONS = 4
_PATIENCE = 120  # seconds without a delivery after which the rest counts as lost


@dataclass(frozen=True)
class Delivery:
    """A request that the receiver took, at a time of the monotonic clock."""

    id: str
    record: str
    version: int
    at: float


@dataclass
class Receiver:
    """Endpoint on this machine that keeps what it receives."""

    deliveries: list[Delivery] = field(default_factory=list)

    @contextmanager
    def listening(self) -> Iterator[int]:
        """Listen within the block at the yielded port."""
        keep = self.deliveries.append

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                data = body["data"]
                id = self.headers["webhook-id"]
                keep(Delivery(id, data["id"], data["version"], time.monotonic()))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Print nothing."""

        with _Server(("127.0.0.1", 0), Handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield server.server_port
            server.shutdown()

    def await_all(self, expected: set[tuple[str, int]]) -> set[tuple[str, int]]:
        """Wait until every version of every record has arrived, and return those that have not."""
        began = time.monotonic()
        while missing := expected - {(each.record, each.version) for each in self.deliveries}:
            last = max((each.at for each in self.deliveries), default=began)
            if time.monotonic() - max(last, began) > _PATIENCE:
                return missing
            time.sleep(0.2)
        return set()


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # with its default of 5, ten requests at once wait a second


class Writer:
    """Writes versions of sites over HTTP, and keeps when each was committed."""

    def __init__(self, served: Served) -> None:
        self._served, self._token = served, served.sign_in()
        self.committed: dict[tuple[str, int], float] = {}

    def do(self, document: str, **variables: Any) -> dict[str, Any]:
        """Execute a mutation that has to succeed, and return its payload."""
        answer = self._served.ask(document, self._token, **variables).json()
        [payload] = answer["data"].values()
        assert payload["errors"] == [], payload
        result: dict[str, Any] = payload
        return result

    def write_site(self, code: str) -> None:
        """Create a site and rename it until it has all its versions."""
        id = self.do(CREATE, code=code)["site"]["id"]
        self.committed[id, 1] = time.monotonic()
        for version in range(1, VERSIONS):
            self.do(RENAME, id=id, version=version, name=f"Name {version}")
            self.committed[id, version + 1] = time.monotonic()


@contextmanager
def worker(served: Served) -> Iterator["subprocess.Popen[bytes]"]:
    """Run `qgp worker` within the block, and kill it at the end."""
    output = (served.folder / "worker.log").open("ab")
    with subprocess.Popen(
        [QGP, "worker"], env=served.environment, stdout=output, stderr=output
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def kill_repeatedly(served: Served, times: int) -> None:
    """Start a worker and kill it, again and again."""
    for _ in range(times):
        with worker(served):
            time.sleep(random.uniform(1.5, 4))


def main(arguments: Sequence[str] = sys.argv[1:]) -> int:
    """Run the trial, and return 1 if an event was lost, out of order, or had two ids."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--events", type=int, default=2_000)
    options.add_argument("--kills", type=int, default=20)
    options.add_argument("--idle", type=int, default=100, help="events of the idle measurement")
    chosen = options.parse_args(arguments)
    receiver = Receiver()
    with _served() as served, receiver.listening() as port:
        writer = Writer(served)
        writer.do(ENDPOINT, url=f"http://127.0.0.1:{port}/")
        killing = threading.Thread(target=kill_repeatedly, args=(served, chosen.kills))
        killing.start()
        with ThreadPoolExecutor(4) as pool:
            codes = [f"S{n}" for n in range(chosen.events // VERSIONS)]
            list(pool.map(writer.write_site, codes))
        killing.join()
        with worker(served):
            missing = receiver.await_all({*writer.committed})
            faults = _report(receiver.deliveries, missing, chosen.kills)
            _measure_idle(writer, receiver, chosen.idle)
    return int(bool(faults))


@contextmanager
def _served() -> Iterator[Served]:
    """Serve the demo's people without a worker, on a database of the trial alone."""
    with (
        temporary(in_memory()) as server,
        tempfile.TemporaryDirectory(prefix="qgp-killed-", dir=in_memory()) as name,
    ):
        served = Served(Path(name), server.url(), free_port())
        served.run("migrate")
        served.run("seed", "demo", "--bare")
        # Nobody reads the pipe, which lines of requests would fill.
        with serving(served, WORKER="separate", DRAIN_SECONDS="0", LOG_LEVEL="WARNING"):
            served.await_status("/readyz", 200)
            yield served


def _report(deliveries: Sequence[Delivery], missing: set[tuple[str, int]], kills: int) -> int:
    """Print the outcome, and return the number of faults."""
    ids: dict[tuple[str, int], set[str]] = {}
    reached: dict[str, int] = {}
    disordered = 0
    for each in deliveries:
        ids.setdefault((each.record, each.version), set()).add(each.id)
        disordered += each.version > reached.get(each.record, 0) + 1
        reached[each.record] = max(each.version, reached.get(each.record, 0))
    several = sum(len(each) > 1 for each in ids.values())
    print(
        f"{len(ids)} events in {len(deliveries)} deliveries, {kills} workers killed: "
        f"{len(missing)} lost, {several} with two ids, {disordered} out of order"
    )
    return len(missing) + several + disordered


def _measure_idle(writer: Writer, receiver: Receiver, count: int) -> None:
    """Print how soon single events arrive."""
    receiver.deliveries.clear()
    writer.committed.clear()
    for n in range(count // VERSIONS):
        writer.write_site(f"I{n}")
        time.sleep(0.05)
    receiver.await_all({*writer.committed})
    seconds = sorted(
        each.at - writer.committed[each.record, each.version]
        for each in receiver.deliveries
        if (each.record, each.version) in writer.committed  # no late one of the trial
    )
    within = sum(each <= 2 for each in seconds) / len(writer.committed)
    print(
        f"idle: {len(seconds)} of {len(writer.committed)} arrived, {within:.0%} within 2 s, "
        f"median {seconds[len(seconds) // 2]:.3f} s, slowest {seconds[-1]:.3f} s"
    )


if __name__ == "__main__":
    sys.exit(main())
