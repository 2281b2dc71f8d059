"""Migration runners at once: one works, the others say that they wait, and all end well."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from qgp import migrations
from qgp.embedded.account import Account
from qgp.embedded.server import Server
from qgp.migrations import lock
from tests.migrations.conftest import administer, settings_at

HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
END_HOLDER = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
TABLES = "SELECT count(*) FROM pg_class WHERE relname IN ('users', 'audit_entries')"
ALEMBIC = Path(sys.executable).with_name("alembic")


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(server.url("qgp"), poolclass=NullPool)
    yield engine
    await engine.dispose()


def start(url: str, *words: str, **environment: str) -> "subprocess.Popen[str]":
    """Start `alembic` as an operator does."""
    return subprocess.Popen(
        [ALEMBIC, *words],
        env={**os.environ, "DATABASE_URL": url, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_two_runners_at_once_both_end_well(fresh: Server) -> None:
    runners = [start(fresh.url("qgp"), "upgrade", "head") for _ in range(2)]
    outputs = [runner.communicate()[0] for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0], outputs
    upgrades = [line for text in outputs for line in text.splitlines() if "Running upgrade" in line]
    assert len(upgrades) == len(set(upgrades)) > 20
    assert administer(fresh, HELD) == [["0"]]


async def test_a_waiting_runner_names_the_holder_and_goes_on_after_it(
    fresh: Server, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "_NOTICE_SECONDS", 0)
    second_began = asyncio.Event()

    async def second(engine: AsyncEngine) -> str:
        second_began.set()
        async with migrations.exclusive(engine):
            return capsys.readouterr().err

    async with connected(fresh) as engine:
        async with migrations.exclusive(engine):
            ((pid,),) = administer(fresh, "SELECT pid FROM pg_locks WHERE locktype = 'advisory'")
            waiting = asyncio.create_task(second(engine))
            await second_began.wait()
            said = await asyncio.to_thread(first_words, capsys)
            assert not waiting.done()
        await waiting
    assert f"Another migration runner works on this database (PostgreSQL process {pid})" in said
    assert re.search(r"waiting for \d+ s\.", said)


def first_words(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is written to standard error, once there is something."""
    while not (said := capsys.readouterr().err):
        time.sleep(0.01)
    return said


async def test_a_wait_may_be_limited_and_then_nothing_is_migrated(fresh: Server) -> None:
    async with connected(fresh) as engine, migrations.exclusive(engine):
        runner = start(fresh.url("qgp"), "upgrade", "head", MIGRATION_WAIT_SECONDS="1")
        said, _ = await asyncio.to_thread(runner.communicate)
        with pytest.raises(CommandError, match="MIGRATION_WAIT_SECONDS"):
            async with migrations.exclusive(engine, patience=0):
                pytest.fail("two runners hold the lock")
    assert runner.returncode != 0
    assert "Nothing was migrated." in said
    assert "Traceback" not in said
    assert administer(fresh, TABLES, database="qgp") == [["0"]]


async def test_commands_that_change_nothing_do_not_wait(fresh: Server) -> None:
    async with connected(fresh) as engine, migrations.exclusive(engine):
        reader = start(fresh.url("qgp"), "current", MIGRATION_WAIT_SECONDS="1")
        said, _ = await asyncio.to_thread(reader.communicate)
        assert (reader.returncode, "lock" in said) == (0, False), said


async def test_a_failing_migration_gives_the_lock_back(fresh: Server) -> None:
    async def fail(engine: AsyncEngine) -> None:
        async with migrations.exclusive(engine):
            assert administer(fresh, HELD) == [["1"]]
            raise LookupError

    async with connected(fresh) as engine:
        with pytest.raises(LookupError):
            await fail(engine)
    assert administer(fresh, HELD) == [["0"]]


async def test_a_runner_that_lost_the_lock_says_so(fresh: Server) -> None:
    async with connected(fresh) as engine:
        with pytest.raises(CommandError, match="lock was lost"):
            async with migrations.exclusive(engine):
                administer(fresh, END_HOLDER)
        assert administer(fresh, HELD) == [["0"]]


@pytest.fixture
def pooler(fresh: Server) -> Iterator[str]:
    """The address of PgBouncer in transaction mode before a server."""
    program = shutil.which("pgbouncer")
    if program is None:
        pytest.skip("no pgbouncer on PATH")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    account = Account.for_server()
    folder = fresh.socket_folder
    file = folder / "pgbouncer.ini"
    file.write_text(
        f"[databases]\nqgp = host={folder} dbname=qgp user=qgp\n[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        "pool_mode = transaction\ndefault_pool_size = 4\n"
    )
    process = subprocess.Popen(
        [program, "-q", file], user=account.uid, group=account.gid, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield f"postgresql+asyncpg://qgp@127.0.0.1:{port}/qgp"
    finally:
        process.terminate()
        process.wait()


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_behind_a_transaction_pooler_two_runners_end_well_and_leave_no_lock(
    fresh: Server, pooler: str
) -> None:
    runners = [start(pooler, "upgrade", "head", DATABASE_PGBOUNCER="true") for _ in range(2)]
    outputs = [runner.communicate()[0] for runner in runners]
    assert [runner.returncode for runner in runners] == [0, 0], outputs
    assert administer(fresh, HELD) == [["0"]]
    assert administer(fresh, TABLES, database="qgp") == [["2"]]
    timeouts = "SHOW lock_timeout"
    with settings_at(pooler):
        seen = subprocess.run(
            ["psql", pooler.replace("+asyncpg", ""), "-XAtqc", timeouts],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    assert seen.stdout.strip() == "0"
