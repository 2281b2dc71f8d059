import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import pytest
from uvicorn.supervisors.multiprocess import SIGNALS

from qgp.http.connection_limits import ServerConfig
from qgp.http.server import Workers
from tests import preloading
from tests.preloading import Process

APP = """
import asyncio
import os
import sys
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from qgp.http import logging
from qgp.http.draining import Drain
from qgp.http.server import serve

DRAIN = Drain(float(sys.argv[2]))


async def slow(request):
    await asyncio.sleep(0.5)
    return PlainTextResponse("done")


async def who(request):
    return PlainTextResponse(request.client.host)


async def ready(request):
    return PlainTextResponse("no" if DRAIN.has_begun else "yes")


@asynccontextmanager
async def lifespan(app):
    if "BROKEN" in os.environ:
        raise RuntimeError("on purpose")
    with DRAIN.listening():
        yield
    print("disposed", flush=True)


def create():
    routes = [Route("/slow", slow), Route("/ready", ready), Route("/who", who)]
    return Starlette(routes=routes, lifespan=lifespan)


if __name__ == "__main__":
    sys.exit(
        serve(
            "served:create",
            host="127.0.0.1",
            port=int(sys.argv[1]),
            workers=int(sys.argv[3]),
            header_seconds=0.4,
            idle_seconds=0.6,
            trusted_proxies=os.environ.get("TRUSTED", "").split(),
            configure_logging=logging.configure,
        )
    )
"""


class Served:
    """A server of our own in its own process."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        self.port = port

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def get(self, path: str) -> bytes:
        with self.connect() as client:
            client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
            return all_of(client)

    def client_of(self, forwarded: str) -> bytes:
        """Return whom the application takes for the client."""
        head = f"GET /who HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {forwarded}\r\n"
        with self.connect() as client:
            client.sendall(f"{head}Connection: close\r\n\r\n".encode())
            return all_of(client).rpartition(b"\r\n\r\n")[2]

    def ended(self) -> tuple[int | None, str]:
        output, _ = self.process.communicate(timeout=15)
        return self.process.returncode, output


def all_of(client: socket.socket) -> bytes:
    parts = []
    while part := client.recv(65536):
        parts.append(part)
    return b"".join(parts)


def until(client: socket.socket, end: bytes) -> None:
    got = b""
    while not got.endswith(end):
        part = client.recv(65536)
        assert part, got
        got += part


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def started(
    folder: Path,
    port: int,
    *,
    drain: float = 0,
    workers: int = 1,
    errors: TextIO | None = None,
    is_broken: bool = False,
) -> Process:
    """Serve the application above; its workers, if there are more than one, load it anew."""
    (folder / "served.py").write_text(APP)
    return preloading.forker().start(
        f"import sys; sys.path.insert(0, {str(folder)!r}){APP}",
        *("served.py", str(port), str(drain), str(workers)),
        modules=("starlette.applications", "qgp.http.server"),
        environment=os.environ | ({"BROKEN": "yes"} if is_broken else {}),
        folder=folder,
        errors=errors,
    )


@contextmanager
def serving(folder: Path, *, drain: float = 0, workers: int = 1) -> Iterator[Served]:
    port = free_port()
    process = started(folder, port, drain=drain, workers=workers)
    served = Served(process, port)
    try:
        wait_for(served)
        yield served
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=15)


def wait_for(served: Served) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            served.get("/ready")
        except OSError:
            time.sleep(0.05)
        else:
            return
    served.process.kill()
    raise TimeoutError(served.process.communicate()[0])


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served")) as running:
        yield running


def test_a_forwarded_address_is_not_believed(served: Served) -> None:
    assert served.client_of("203.0.113.7") == b"127.0.0.1"


def test_a_trusted_proxy_says_who_the_client_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRUSTED", "127.0.0.0/24 10.0.0.1/32")
    with serving(tmp_path) as running:
        assert running.client_of("203.0.113.7") == b"203.0.113.7"
        assert running.client_of("198.51.100.1, 203.0.113.7, 10.0.0.1") == b"203.0.113.7"


def seconds_until_closed(client: socket.socket) -> float:
    begun = time.monotonic()
    all_of(client)
    return time.monotonic() - begun


def test_a_connection_that_says_nothing_is_closed(served: Served) -> None:
    with served.connect() as client:
        assert 0.3 < seconds_until_closed(client) < 2


def test_half_a_head_is_not_waited_for(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"GET /ready HTTP/1.1\r\nHost:")
        assert 0.3 < seconds_until_closed(client) < 2


def test_a_dripping_head_does_not_buy_time(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"GET /ready HTTP/1.1\r\n")
        assert drip_until_closed(client, b"X-A: b\r\n") < 2


def drip_until_closed(client: socket.socket, drop: bytes) -> float:
    begun = time.monotonic()
    client.settimeout(0.1)
    while time.monotonic() - begun < 5:
        try:
            client.sendall(drop)
            if client.recv(65536) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    return time.monotonic() - begun


def test_half_a_second_request_is_not_waited_for(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\nGET /re")
        assert 0.3 < seconds_until_closed(client) < 2


def test_empty_lines_between_requests_do_not_keep_a_connection(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
        until(client, b"yes")
        assert drip_until_closed(client, b"\r\n") < 3


def test_a_body_dripping_after_its_answer_does_not_keep_a_connection(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"POST /ready HTTP/1.1\r\nHost: x\r\nContent-Length: 999\r\n\r\n")
        until(client, b"Method Not Allowed")
        assert drip_until_closed(client, b"x") < 3


def test_an_idle_connection_is_closed_after_its_answer(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
        assert 0.5 < seconds_until_closed(client) < 2.5


def test_an_answer_slower_than_the_head_may_be_is_not_cut(served: Served) -> None:
    assert served.get("/slow").endswith(b"done")


def test_one_connection_serves_one_request_after_another(served: Served) -> None:
    with served.connect() as client:
        for _ in range(3):
            time.sleep(0.2)
            client.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\n\r\n")
            until(client, b"yes")


def test_pipelined_requests_are_all_answered(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
        assert all_of(client).count(b"done") == 2


@pytest.mark.parametrize("ending", [b"\r\n\r\n", b""])
def test_a_head_over_16_kib_is_refused(served: Served, ending: bytes) -> None:
    with served.connect() as client:
        client.sendall(b"GET /ready HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 17_000 + ending)
        assert all_of(client).startswith(b"HTTP/1.1 431 ")


def test_a_head_of_15_kib_is_served(served: Served) -> None:
    with served.connect() as client:
        head = b"GET /ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-A: " + b"a" * 15_000
        client.sendall(head + b"\r\n\r\n")
        assert all_of(client).endswith(b"yes")


def test_what_is_no_http_is_answered_400(served: Served) -> None:
    with served.connect() as client:
        client.sendall(b"\x16\x03\x01 hello\r\n\r\n")
        assert all_of(client).startswith(b"HTTP/1.1 400 ")


def test_the_server_does_not_name_itself(served: Served) -> None:
    assert b"\r\nserver:" not in served.get("/ready").lower()


@pytest.mark.parametrize(
    ("workers", "number"),
    [
        (1, signal.SIGINT),
        (2, signal.SIGTERM),
        pytest.param(1, signal.SIGTERM, marks=pytest.mark.exhaustive),
        pytest.param(2, signal.SIGINT, marks=pytest.mark.exhaustive),
    ],
)
def test_a_signal_lets_the_request_in_flight_end_and_exits_0(
    tmp_path: Path, workers: int, number: signal.Signals
) -> None:
    answers: list[bytes] = []
    with serving(tmp_path, workers=workers) as running:
        asking = threading.Thread(target=lambda: answers.append(running.get("/slow")))
        asking.start()
        time.sleep(0.4)
        running.process.send_signal(number)
        code, output = running.ended()
        asking.join()
    assert answers[0].startswith(b"HTTP/1.1 200 ")
    assert answers[0].endswith(b"done")
    assert code == 0
    assert "disposed" in output
    assert "Traceback" not in output


def test_while_draining_it_serves_but_is_not_ready_and_its_lines_are_json(tmp_path: Path) -> None:
    with serving(tmp_path, drain=1) as running:
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert running.get("/ready").endswith(b"no")
        code, output = running.ended()
    assert code == 0
    lines = [json.loads(line) for line in output.splitlines() if line != "disposed"]
    assert [line["event"] for line in lines if line["level"] != "INFO"] == ["draining"]
    assert any("Uvicorn running" in line["event"] for line in lines)


def test_a_second_signal_ends_the_waiting(tmp_path: Path) -> None:
    with serving(tmp_path, drain=30) as running:
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        running.process.send_signal(signal.SIGTERM)
        assert running.ended()[0] == 0


def run_to_its_end(
    folder: Path, port: int, *, workers: int = 1, is_broken: bool = False
) -> tuple[int | None, str]:
    """Return the exit code, and what was written to the standard output."""
    with (
        Path(os.devnull).open("w") as errors,
        started(folder, port, workers=workers, errors=errors, is_broken=is_broken) as process,
    ):
        output, _ = process.communicate(timeout=20)
    return process.returncode, output


def test_a_port_in_use_is_a_failure(served: Served, tmp_path: Path) -> None:
    code, output = run_to_its_end(tmp_path, served.port)
    assert code != 0
    assert "ERROR" in output


@pytest.mark.parametrize("workers", [1, 2])
def test_an_application_that_cannot_start_is_a_failure(tmp_path: Path, workers: int) -> None:
    code, output = run_to_its_end(tmp_path, free_port(), workers=workers, is_broken=True)
    assert code == 1
    assert "on purpose" in output


@pytest.fixture
def workers() -> Iterator[Workers]:
    """Two workers that have not come to answer their supervisor yet."""
    handlers = {number: signal.getsignal(number) for number in SIGNALS}
    supervisor = Workers(ServerConfig("served:create", factory=True, workers=2), [])
    supervisor.init_processes()
    for worker in supervisor.processes:
        os.kill(worker.process.pid or 0, signal.SIGSTOP)
    yield supervisor
    for worker in supervisor.processes:
        worker.kill()
        worker.join()
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_workers_that_do_not_answer_yet_are_left_to_load_and_one_that_ended_is_replaced(
    workers: Workers,
) -> None:
    first, second = workers.processes
    workers.keep_subprocess_alive()
    assert workers.processes == [first, second]
    first.kill()
    first.join()
    workers.keep_subprocess_alive()
    replacement, unchanged = workers.processes
    assert (unchanged, replacement.process.is_alive()) == (second, True)
    assert replacement is not first
