"""A served process on a database of its own, both of which a test may stop and start."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx2

from qgp.embedded import Server
from tests import loopback, preloading
from tests.servers import administer

QGP = Path(sys.executable).with_name("qgp")
SECRETS = {"SECRET_KEY": "s" * 8 + "0123456789" * 4, "JWT_SECRET_KEY": "j" * 8 + "0123456789" * 4}
PASSWORD = "try-the-demo"
LOGIN = """mutation ($email: String!, $password: String!) {
  login(input: {email: $email, password: $password}) { accessToken errors { code } } }"""

FINDINGS = '{ findings(filter: {title: {eq: "Imported"}}) { totalCount } }'
IMPORT = """mutation ($csv: String!) { findingsImport(input: {csv: $csv, isDryRun: false}) {
  rows problems { message } errors { message } } }"""
FINDING = """mutation { findingCreate(input: {grade: OFI, sourceType: PROCESS, title: "One"}) {
  finding { id } errors { message } } }"""


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@dataclass
class Served:
    """`qgp serve` at a port of this machine.

    Attributes:
        folder: its data directory.
        start_seconds: how long its start took.
    """

    folder: Path
    database_url: str
    port: int
    start_seconds: float = 0

    @property
    def environment(self) -> dict[str, str]:
        unset = {"APP_ENV", "HOST", "LIMITS"}
        inherited = {name: value for name, value in os.environ.items() if name not in unset}
        return {
            **inherited,
            **SECRETS,
            "DATABASE_URL": self.database_url,
            "PORT": str(self.port),
            "QGP_DATA_DIR": str(self.folder),
        }

    def run(self, *arguments: str) -> None:
        """Run another command of `qgp` to its end."""
        done = subprocess.run(
            [QGP, *arguments], env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    def start(
        self,
        output: int | IO[str] = subprocess.PIPE,
        environment: Mapping[str, str] | None = None,
        workers: int = 1,
    ) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [QGP, "serve", "--workers", str(workers)],
            env=self.environment | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def get(self, path: str, **headers: str) -> httpx2.Response:
        return loopback.get(self.port, path, **headers)

    def status(self, path: str) -> int | None:
        """The status of an answer, or None where nobody listens."""
        try:
            return self.get(path).status_code
        except httpx2.TransportError:
            return None

    def ask(self, document: str, token: str = "", **variables: Any) -> httpx2.Response:
        return loopback.ask(self.port, document, token, **variables)

    def sign_in(self, email: str = "owner@demo.example") -> str:
        answer = self.ask(LOGIN, email=email, password=PASSWORD)
        token: str = answer.json()["data"]["login"]["accessToken"]
        return token

    def await_readiness(self, answer: object, *, seconds: float = 90) -> None:
        """Wait for an answer of `/readyz`, once the process listens."""
        begun = time.monotonic()
        while self.status("/readyz") is None or self.get("/readyz").json() != answer:
            assert time.monotonic() - begun < seconds, f"/readyz is not {answer}"
            time.sleep(0.05)

    def await_status(self, path: str, status: int, *, seconds: float = 90) -> float:
        """Wait for an answer of that status and return how long it took."""
        begun = time.monotonic()
        while self.status(path) != status:
            assert time.monotonic() - begun < seconds, f"{path} is not {status}"
            time.sleep(0.02)
        return time.monotonic() - begun


@contextmanager
def serving(
    served: Served,
    *,
    workers: int = 1,
    output: int | IO[str] = subprocess.PIPE,
    **environment: str,
) -> Iterator["subprocess.Popen[str]"]:
    """Serve until the block ends.

    Args:
        output: of the log; a pipe that nobody reads stops the process once it is full.
    """
    with served.start(output, environment, workers) as process:
        try:
            yield process
        finally:
            process.kill()


@contextmanager
def preloaded(served: Served, **environment: str) -> Iterator[preloading.Process]:
    """Serve until the block ends, with modules imported and the schema built before."""
    variables = served.environment | environment
    with preloading.start_qgp("serve", environment=variables) as process:
        try:
            yield process
        finally:
            process.kill()


def import_rows(count: int) -> str:
    return "grade,sourceType,title\n" + "OFI,PROCESS,Imported\n" * count


def imported(served: Served) -> int:
    """Count the imported findings."""
    page = served.ask(FINDINGS, served.sign_in()).json()["data"]["findings"]
    count: int = page["totalCount"]
    return count


WRITING = "SELECT 1 FROM pg_stat_activity WHERE backend_xid IS NOT NULL"


def await_writing(server: Server) -> None:
    """Wait until a transaction has written something and is not over."""
    deadline = time.monotonic() + 60
    while not administer(server, WRITING):
        assert time.monotonic() < deadline, "nothing is written"


@contextmanager
def hung(server: Server) -> Iterator[None]:
    """Stop all processes of a PostgreSQL within the block: it accepts, but does not answer."""
    try:
        send(server, signal.SIGSTOP)
        send(server, signal.SIGSTOP)  # those that it started before it was stopped
        yield
    finally:
        send(server, signal.SIGCONT)


def send(server: Server, number: signal.Signals) -> None:
    """Send a signal to the postmaster of a PostgreSQL and its children.

    One that has ended meanwhile, as that of a closed connection does, is left out.
    """
    folder = next(server.data_dir.resolve().rglob("postmaster.pid"))
    postmaster = int(folder.read_text().split()[0])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    for process in (postmaster, *map(int, children)):
        with suppress(ProcessLookupError):
            os.kill(process, number)
