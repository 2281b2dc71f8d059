"""The life of the embedded PostgreSQL, with real processes."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from qgp.embedded import EmbeddedError, InUse, Server, reset
from tests.embedded.conftest import Ask


def test_data_outlive_a_restart(data_dir: Path, ask: Ask) -> None:
    with Server(data_dir) as server:
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
    assert not server.is_running
    with Server(data_dir) as server:
        assert server.is_running
        assert ask(server, "SELECT answer FROM kept") == "42"


async def test_sqlalchemy_connects_with_its_url(server: Server) -> None:
    engine = create_async_engine(server.url())
    async with engine.connect() as connection:
        assert await connection.scalar(text("SELECT current_database()")) == "qgp"
    await engine.dispose()


def test_it_listens_on_its_socket_only_and_sorts_by_code_point(server: Server, ask: Ask) -> None:
    assert ask(server, "SHOW listen_addresses") == ""
    assert ask(server, "SELECT 'a' > 'Z', lower('ÄΩ'), getdatabaseencoding()") == "t|äω|UTF8"
    socket = server.socket_folder / ".s.PGSQL.5432"
    assert socket.stat().st_mode & 0o077 == 0


def test_a_database_is_cloned_from_a_template_and_dropped(server: Server, ask: Ask) -> None:
    server.create_database("template")
    server.create_database("clone", template="template")
    assert server.url("clone").split("?")[0] == "postgresql+asyncpg://qgp@/clone"
    server.drop_database("clone")
    assert ask(server, "SELECT count(*) FROM pg_database WHERE datname = 'clone'") == "0"
    with pytest.raises(EmbeddedError, match='"template" already exists'):
        server.create_database("template")


def test_only_one_process_owns_it(owner: subprocess.Popen[str], data_dir: Path) -> None:
    server = Server(data_dir)
    with pytest.raises(InUse, match="belongs to another process"):
        server.start()
    server.stop()
    assert server.is_running, "whoever does not own it does not stop it"
    with pytest.raises(InUse):
        reset(data_dir)


def test_it_ends_with_a_killed_owner(owner: subprocess.Popen[str], data_dir: Path) -> None:
    server = Server(data_dir)
    owner.kill()
    owner.wait()
    deadline = time.monotonic() + 10
    while (data_dir / "postgres/data/postmaster.pid").exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert not server.is_running


def test_it_starts_after_owner_and_server_were_killed(
    owner: subprocess.Popen[str], data_dir: Path, ask: Ask
) -> None:
    ask(Server(data_dir), "CREATE TABLE kept AS SELECT 42 AS answer")
    postmaster = int((data_dir / "postgres/data/postmaster.pid").read_text().split()[0])
    # Stopped first, it cannot tidy up; then killed, as by a machine that runs out of memory.
    owner.send_signal(signal.SIGSTOP)
    os.kill(postmaster, signal.SIGKILL)
    owner.kill()
    with Server(data_dir) as server:
        assert ask(server, "SELECT answer FROM kept") == "42"


def test_an_id_that_a_stranger_got_since_stops_nothing(data_dir: Path, ask: Ask) -> None:
    with Server(data_dir) as server:
        ask(server, "CREATE TABLE kept AS SELECT 42 AS answer")
        left = (data_dir / "postgres/data/postmaster.pid").read_text().splitlines()
    with subprocess.Popen(["/bin/sleep", "60"]) as stranger:
        left[0] = str(stranger.pid)
        (data_dir / "postgres/data/postmaster.pid").write_text("\n".join(left))
        with Server(data_dir) as server:
            assert ask(server, "SELECT answer FROM kept") == "42"
        assert stranger.poll() is None
        stranger.kill()


def test_a_half_made_cluster_is_made_again(empty_dir: Path, ask: Ask) -> None:
    (empty_dir / "postgres/data.new").mkdir(parents=True)
    (empty_dir / "postgres/data.new/PG_VERSION").write_text("18\n")
    with Server(empty_dir, durable=False) as server:
        assert ask(server, "SELECT 1") == "1"
    assert not (empty_dir / "postgres/data.new").exists()


def test_a_cluster_of_another_version_is_left_alone(empty_dir: Path) -> None:
    version = empty_dir / "postgres/data/PG_VERSION"
    version.parent.mkdir(parents=True)
    version.write_text("9.6\n")
    with pytest.raises(EmbeddedError, match=r"made by PostgreSQL 9\.6"):
        Server(empty_dir).start()
    assert version.read_text() == "9.6\n"


def test_a_failed_start_reports_the_output_of_the_server(data_dir: Path) -> None:
    with Server(data_dir) as server:
        pass
    (data_dir / "postgres/data/postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        server.start()
    reset(data_dir)
    with server:
        assert server.is_running


def test_a_path_too_long_for_a_socket_is_no_hindrance(empty_dir: Path, ask: Ask) -> None:
    deep = empty_dir / ("d" * 100)
    deep.mkdir()
    deep.chmod(0o711)
    with Server(deep, durable=False) as server:
        elsewhere = server.socket_folder
        assert ask(server, "SELECT 1") == "1"
        assert elsewhere.parent == Path(tempfile.gettempdir())
    assert not elsewhere.exists()
    reset(deep)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends the server another account")
def test_root_may_keep_the_data_directory_to_itself(empty_dir: Path, ask: Ask) -> None:
    empty_dir.chmod(0o700)
    with Server(empty_dir, durable=False) as server:
        assert ask(server, "SELECT 1") == "1"
    home = (empty_dir / "postgres").resolve()
    assert home.is_relative_to("/var/lib/qgp")
    reset(empty_dir)
    assert not home.exists()
