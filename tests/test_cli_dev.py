"""`qgp dev` as a newcomer uses it: `make run`, Ctrl-C at any time and kill -9."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

from qgp.embedded import Server, reset
from tests import loopback, preloading
from tests.memory import in_memory
from tests.servers import administer

QGP = Path(sys.executable).with_name("qgp")
LOGIN = """mutation ($email: String!) {
  login(input: {email: $email, password: "try-the-demo"}) { accessToken }
}"""
SITE = 'mutation { siteCreate(input: {code: "NEW", name: "New"}) { errors { message } } }'
SITES = '{ sites(filter: {code: {eq: "NEW"}}) { totalCount } }'
Process = subprocess.Popen[str] | preloading.Process


@dataclass(frozen=True)
class Installation:
    """Data directory and port of a server that `qgp dev` starts."""

    folder: Path
    port: int

    @property
    def environment(self) -> dict[str, str]:
        ours = {"QGP_DATA_DIR": str(self.folder), "PORT": str(self.port)}
        unset = {"DATABASE_URL", "SECRET_KEY", "JWT_SECRET_KEY", "APP_ENV", "HOST"}
        return {name: value for name, value in os.environ.items() if name not in unset} | ours

    def ask(self, document: str, token: str = "", **variables: Any) -> Any:
        return loopback.ask(self.port, document, token, **variables).json()["data"]

    def owner(self) -> str:
        payload = self.ask(LOGIN, email="owner@demo.example")
        token: str = payload["login"]["accessToken"]
        return token

    def is_ready(self) -> bool:
        try:
            return loopback.get(self.port, "/readyz").status_code == 200
        except httpx2.TransportError:
            return False

    def processes(self) -> list[str]:
        """Command lines of what runs on the data directory."""
        processes = []
        for each in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                processes.append(each.read_bytes().replace(b"\0", b" ").decode())
        return [line for line in processes if str(self.folder) in line]


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    with tempfile.TemporaryDirectory(prefix="qgp-dev-", dir=in_memory()) as name:
        folder = Path(name)
        folder.chmod(0o711)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        yield Installation(folder, port)
        reset(folder)


def newly_started(installation: Installation, *words: str) -> Process:
    """Run the command as a newcomer does."""
    return subprocess.Popen(
        [QGP, *words],
        env=installation.environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def started(installation: Installation, *words: str) -> Process:
    """Run the command with modules imported and the schema built before."""
    return preloading.start_qgp(*words, environment=installation.environment)


@contextmanager
def ended(process: Process) -> Iterator[Process]:
    """End a process abruptly if the test did not."""
    with process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def running(installation: Installation) -> Iterator[Process]:
    """Run `qgp dev` until it is ready, and end it abruptly if the test did not."""
    with ended(started(installation, "dev", "--bare")) as process:
        deadline = time.monotonic() + 120
        while not installation.is_ready():
            assert process.poll() is None, process.communicate(timeout=20)[0]
            assert time.monotonic() < deadline
            time.sleep(0.05)
        yield process


def gone(installation: Installation) -> bool:
    """Whether everything on the data directory ends within some seconds."""
    deadline = time.monotonic() + 10
    while installation.processes() and time.monotonic() < deadline:
        time.sleep(0.05)
    return not installation.processes()


def read_until(process: Process, text: str) -> str:
    """Return what the process says up to a text."""
    assert process.stdout is not None
    output = ""
    while not output.endswith(text):
        character = process.stdout.read(1)
        assert character, output
        output += character
    return output


def test_a_signal_while_the_demo_is_filled_ends_it_and_the_next_start_fills_it_anew(
    installation: Installation,
) -> None:
    for start, words, number in (
        (newly_started, ("dev",), signal.SIGTERM),
        (started, ("seed", "demo"), signal.SIGINT),
    ):
        with ended(start(installation, *words)) as process:
            output = read_until(process, "Creating the demo ….")
            process.send_signal(number)
            output += process.communicate(timeout=20)[0]
        assert process.returncode == 0
        assert output.endswith("Creating the demo ….\n")
        assert gone(installation)


def command(installation: Installation, *words: str) -> tuple[int | None, str]:
    """Run another command on the data directory; return its exit code and output."""
    with started(installation, *words) as process:
        output = process.communicate(timeout=60)[0]
    return process.returncode, output


def sites_at_rest(installation: Installation) -> list[list[str]]:
    """Read the data directory by a PostgreSQL of our own."""
    with Server(installation.folder) as server:
        return administer(server, "SELECT code FROM sites WHERE code = 'NEW'", database="qgp")


def test_it_runs_and_runs_again_with_its_data_after_an_abrupt_end_and_stops_in_order(
    installation: Installation,
) -> None:
    with running(installation) as process:
        token = installation.owner()
        assert installation.ask(SITE, token) == {"siteCreate": {"errors": []}}
        process.kill()
        process.communicate(timeout=20)
    assert gone(installation)
    with running(installation) as process:
        assert installation.ask(SITES, token) == {"sites": {"totalCount": 1}}
        with ThreadPoolExecutor() as pool:
            commands = ["dev", "--bare"], ["audit", "verify", "--organization", "demo"]
            other, joined = pool.map(lambda words: command(installation, *words), commands)
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=20)[0]
    assert process.returncode == 0
    assert gone(installation)
    assert f"http://127.0.0.1:{installation.port}/graphql/ide" in output
    assert "owner@demo.example" in output
    assert "Traceback" not in output
    assert (other[0], "PORT=8001 make run" in other[1]) == (1, True)
    assert joined[0] == 0
    assert re.fullmatch(r"(Verifying .*\n)?The audit trail of demo is intact\.\n", joined[1])
    assert sites_at_rest(installation) == [["NEW"]]
