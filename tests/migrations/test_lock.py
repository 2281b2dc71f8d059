"""Migration runners at once: one works, the others say that they wait, and all end well."""

import asyncio
import functools
import io
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from qgp import migrations
from qgp.embedded.account import Account
from qgp.embedded.server import Server
from qgp.migrations import lock
from tests import preloading
from tests.preloading import Process
from tests.servers import administer, alembic, run

HELD = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
END_HOLDER = "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
TABLES = "SELECT count(*) FROM pg_class WHERE relname IN ('users', 'audit_entries')"
NEXT = "0002"
NOTICE = "Another migration runner works"
Address = tuple[str, dict[str, str]]  # and the settings that go with it


@asynccontextmanager
async def connected(server: Server) -> AsyncIterator[AsyncEngine]:
    engine = create_async_engine(server.url("qgp"), poolclass=NullPool)
    yield engine
    await engine.dispose()


@pytest.mark.parametrize("address", ["direct", "pooled"])
async def test_two_runners_at_once_both_end_well(
    request: pytest.FixtureRequest, fresh: Server, address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Another process and this one wait for the lock at once; behind a pooler as without."""
    url, environment = request.getfixturevalue(address)
    with started(url, environment) as other:
        async with connected(fresh) as engine, migrations.exclusive(engine):
            output = await asyncio.to_thread(read_until, other, NOTICE)
            ours = io.StringIO()
            upgrade = functools.partial(alembic, url, "upgrade", NEXT, output=ours, **environment)
            running = asyncio.create_task(asyncio.to_thread(upgrade))
            await asyncio.to_thread(await_text, ours, NOTICE)
        code, said = await running
        rest, _ = await asyncio.to_thread(other.communicate)
    assert (code, other.returncode) == (0, 0), said + output + rest
    lines = [*(output + rest).splitlines(), *caplog.messages]
    upgrades = [line for line in lines if "Running upgrade" in line]
    assert len(upgrades) == len(set(upgrades)) == int(NEXT)
    assert administer(fresh, HELD) == [["0"]]
    assert administer(fresh, TABLES, database="qgp") == [["2"]]
    libpq = url.replace("+asyncpg", "")
    assert run([str(fresh.binaries["psql"]), libpq, "-XAtqc", "SHOW lock_timeout"]) == "0\n"


def started(url: str, environment: dict[str, str]) -> Process:
    """Run `alembic` in a process of its own."""
    variables = {**os.environ, "DATABASE_URL": url, **environment}
    code, modules = "from alembic.config import main; main()", ("alembic.config", "qgp.cli")
    return preloading.forker().start(
        code, "alembic", "upgrade", NEXT, modules=modules, environment=variables
    )


def read_until(process: Process, text: str) -> str:
    """Return what a process writes until there is a text in it."""
    assert process.stdout is not None
    output = ""
    while text not in output:
        line = process.stdout.readline()
        assert line, output
        output += line
    return output


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


def await_text(output: io.StringIO, text: str) -> None:
    deadline = time.monotonic() + 60
    while text not in output.getvalue():
        assert time.monotonic() < deadline, output.getvalue()
        time.sleep(0.01)


def first_words(capsys: pytest.CaptureFixture[str]) -> str:
    """Return what is written to standard error, once there is something."""
    while not (said := capsys.readouterr().err):
        time.sleep(0.01)
    return said


async def test_a_wait_may_be_limited_and_then_nothing_is_migrated(fresh: Server) -> None:
    async with connected(fresh) as engine, migrations.exclusive(engine):
        code, said = await asyncio.to_thread(
            functools.partial(alembic, fresh.url(), "upgrade", "head", MIGRATION_WAIT_SECONDS="1")
        )
        with pytest.raises(migrations.MigrationLockError, match="MIGRATION_WAIT_SECONDS"):
            async with migrations.exclusive(engine, patience=0):
                pytest.fail("two runners hold the lock")
    assert code != 0
    assert "Nothing was migrated." in said
    assert "Traceback" not in said
    assert administer(fresh, TABLES, database="qgp") == [["0"]]


async def test_commands_that_change_nothing_do_not_wait(fresh: Server) -> None:
    async with connected(fresh) as engine, migrations.exclusive(engine):
        code, said = await asyncio.to_thread(
            functools.partial(alembic, fresh.url(), "current", MIGRATION_WAIT_SECONDS="1")
        )
        assert (code, "lock" in said) == (0, False), said


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
        with pytest.raises(migrations.MigrationLockError, match="lock was lost"):
            async with migrations.exclusive(engine):
                administer(fresh, END_HOLDER)
        assert administer(fresh, HELD) == [["0"]]


@pytest.fixture
def direct(fresh: Server) -> Address:
    """The address of a server."""
    return fresh.url(), {}


@pytest.fixture
def pooled(fresh: Server) -> Iterator[Address]:
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
        yield f"postgresql+asyncpg://qgp@127.0.0.1:{port}/qgp", {"DATABASE_PGBOUNCER": "true"}
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
