"""Latency of /healthz on a server that ten clients attack.

The server is `qgp dev --bare` on a port and in a folder of its own; half of the clients are signed
in, and all of them send one attack after another.
"""

import http.client
import json
import multiprocessing
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLIENTS = 10
SECONDS = 10.0
PROMISED_MS = 100.0
_PAUSE = 0.01  # seconds between two looks at /healthz
_READY_SECONDS = 120
_LOGIN = """mutation { login(input: {email: "owner@demo.example", password: "try-the-demo",
    organization: "demo"}) { accessToken } }"""


def measure(bodies: Sequence[bytes]) -> bool:
    """Print how long /healthz takes under attack; return whether the promise was kept."""
    with _server() as port:
        quiet = _latencies(port, 2)
        until = time.monotonic() + SECONDS + 1
        sent = multiprocessing.Value("i", 0)
        token = _token(port)
        clients = [
            multiprocessing.Process(
                target=_attack, args=(port, bodies, token if n % 2 else None, until, sent)
            )
            for n in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        time.sleep(0.5)
        under_attack = _latencies(port, SECONDS)
        for client in clients:
            client.join()
    p99 = _percentile(under_attack, 99)
    print(
        f"/healthz alone: p50 {_percentile(quiet, 50):.1f} ms, p99 {_percentile(quiet, 99):.1f} ms"
    )
    print(
        f"/healthz beside {CLIENTS} clients and {sent.value:,} attacks: "
        f"p50 {_percentile(under_attack, 50):.1f} ms, p99 {p99:.1f} ms, "
        f"max {max(under_attack):.1f} ms of {len(under_attack)}"
    )
    return p99 <= PROMISED_MS


@contextmanager
def _server() -> Iterator[int]:
    """Start a server with the demo's accounts; end it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="qgp-attacked-") as folder:
        environment = {**os.environ, "PORT": str(port), "QGP_DATA_DIR": folder}
        program = Path(sys.executable).with_name("qgp")
        with Path(folder, "server.log").open("wb") as log:
            command = [program, "dev", "--bare"]
            process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
            try:
                _wait(port)
                yield port
            finally:
                process.terminate()
                process.wait(30)


def _wait(port: int) -> None:
    until = time.monotonic() + _READY_SECONDS
    while time.monotonic() < until:
        try:
            if _get(port) == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise TimeoutError("the server does not answer")


def _get(port: int) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status
    finally:
        connection.close()


def _latencies(port: int, seconds: float) -> list[float]:
    """Request /healthz repeatedly; return the milliseconds of each response."""
    latencies, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        began = time.perf_counter()
        _get(port)
        latencies.append((time.perf_counter() - began) * 1000)
        time.sleep(_PAUSE)
    return latencies


def _percentile(values: Sequence[float], percent: int) -> float:
    return sorted(values)[min(len(values) - 1, len(values) * percent // 100)]


def _token(port: int) -> str:
    answer = json.loads(_post(port, json.dumps({"query": _LOGIN}).encode(), None))
    token: str = answer["data"]["login"]["accessToken"]
    return token


def _post(port: int, body: bytes, token: str | None) -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    try:
        connection.request("POST", "/graphql", body, headers)
        return connection.getresponse().read()
    finally:
        connection.close()


def _attack(port: int, bodies: Sequence[bytes], token: str | None, until: float, sent: Any) -> None:
    """Send attacks until the end; each document is new to the caches."""
    number = 0
    while time.monotonic() < until:
        body = bodies[number % len(bodies)]
        number += 1
        comment = b"#%d.%d" % (os.getpid(), number)
        try:
            _post(port, body.replace(b'}","variables"', b"}" + comment + b'","variables"'), token)
        except OSError:
            continue
        with sent.get_lock():
            sent.value += 1
