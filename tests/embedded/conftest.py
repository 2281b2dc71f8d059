"""A data directory for each test, and a way to ask a server."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from qgp.embedded import Server, reset, temporary
from tests.memory import in_memory

Ask = Callable[[Server, str], str]


@pytest.fixture
def empty_dir() -> Iterator[Path]:
    """A folder in which no server has been."""
    # Not tmp_path: pytest closes its folders to the account that root lends the server.
    with tempfile.TemporaryDirectory(prefix="qgp-test-", dir=in_memory()) as name:
        folder = Path(name)
        folder.chmod(0o711)
        yield folder
        reset(folder)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """The files of a server that was started and stopped."""
    with temporary(in_memory()) as server:
        server.stop()
        yield server.data_dir / "postgres"


@pytest.fixture
def data_dir(empty_dir: Path, cluster: Path) -> Path:
    """A folder in which a server was started and stopped: to copy is faster than to make."""
    subprocess.run(["cp", "-a", cluster, empty_dir], check=True)
    return empty_dir


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A running server for the tests that neither stop nor break it."""
    with temporary(in_memory()) as running:
        yield running


@pytest.fixture
def ask() -> Ask:
    def run(server: Server, sql: str) -> str:
        address = ("-h", str(server.socket_folder), "-U", "qgp", "qgp")
        command = (server.binaries["psql"], *address, "-v", "ON_ERROR_STOP=1", "-qtAc", sql)
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    return run


@pytest.fixture
def owner(data_dir: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs the server of the data directory."""
    program = (
        "import sys; from pathlib import Path; from qgp.embedded import Server\n"
        "with Server(Path(sys.argv[1])): print('ready', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, data_dir],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()
