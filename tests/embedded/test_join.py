"""Several processes, one server."""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Timer

from qgp.embedded import Server, join, temporary
from tests.embedded.conftest import Ask


def test_a_guest_uses_the_owners_server(
    owner: subprocess.Popen[str], data_dir: Path, ask: Ask
) -> None:
    with join(data_dir) as server:
        assert ask(server, "SELECT 1") == "1"
    assert server.is_running


def test_without_an_owner_the_server_runs_for_the_block(data_dir: Path, ask: Ask) -> None:
    with join(data_dir) as server:
        assert ask(server, "SELECT 1") == "1"
    assert not server.is_running


def test_many_who_come_at_once_share_one_start(empty_dir: Path, ask: Ask) -> None:
    def visit(number: int) -> str:
        with join(empty_dir) as server:
            return ask(server, f"SELECT {number}")

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(visit, range(8))) == [str(number) for number in range(8)]
    assert not Server(empty_dir).is_running


def test_who_started_it_leaves_last(data_dir: Path, ask: Ask) -> None:
    inside, leave = Event(), Event()

    def guest() -> str:
        with join(data_dir) as server:
            inside.set()
            assert leave.wait(30)
            return ask(server, "SELECT 1")

    with ThreadPoolExecutor(1) as pool:
        with join(data_dir):
            answer = pool.submit(guest)
            assert inside.wait(30)
            Timer(0.2, leave.set).start()
        assert answer.result() == "1"


def test_a_temporary_server_leaves_nothing() -> None:
    with temporary() as server:
        folder = server.data_dir
        assert folder.exists()
    assert not folder.exists()


def test_a_command_finds_the_database_in_its_environment(data_dir: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "qgp.embedded", "psql", "-tAc", "SELECT current_database()"],
        env={**os.environ, "QGP_DATA_DIR": str(data_dir)},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout == "qgp\n"
