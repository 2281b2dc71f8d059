import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.applications import Starlette

from qgp.embedded import temporary
from qgp.http import health
from qgp.http.draining import Drain
from qgp.http.health import Readiness
from qgp.http.middleware import layered
from qgp.settings import Database

HEAD = "0042"


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with temporary() as server:
        yield server.url()


@pytest.fixture
async def engine(url: str) -> AsyncIterator[AsyncEngine]:
    """A database at the head of its migrations."""
    database = Database.parse(url)
    engine = create_async_engine(database.url, connect_args=dict(database.connect_args))
    async with engine.begin() as connection:
        await connection.execute(sa.text("DROP TABLE IF EXISTS alembic_version"))
        await connection.execute(sa.text("CREATE TABLE alembic_version (version_num text)"))
        await connection.execute(sa.text(f"INSERT INTO alembic_version VALUES ('{HEAD}')"))
    yield engine
    await engine.dispose()


def ready(engine: AsyncEngine, *, head: str = HEAD, freshness: float = 0) -> Readiness:
    return Readiness(engine, heads=[head], is_draining=lambda: False, freshness=freshness)


async def ask(readiness: Readiness, path: str = "/readyz") -> httpx2.Response:
    app = layered(Starlette(routes=health.routes(readiness)), origins=(), max_in_flight=1)
    transport = httpx2.ASGITransport(app=app)
    async with httpx2.AsyncClient(transport=transport, base_url="http://qgp") as asking:
        return await asking.get(path, headers={"X-Request-ID": "probe-1"})


@pytest.mark.parametrize("path", ["/healthz", "/livez"])
async def test_alive_needs_no_database(path: str) -> None:
    nowhere = create_async_engine("postgresql+asyncpg://u@127.0.0.1:1/none")
    answer = await ask(ready(nowhere), path)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "request_id": "probe-1"})


async def test_ready_says_exactly_what_the_runbook_says(engine: AsyncEngine) -> None:
    answer = await ask(ready(engine))
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "database": "connected"},
    )


async def test_another_migration_than_the_codes_is_not_ready(engine: AsyncEngine) -> None:
    answer = await ask(ready(engine, head="0043"))
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "migrations": "not at head"},
    )


async def test_a_database_without_migrations_is_not_ready(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(sa.text("DROP TABLE alembic_version"))
    assert (await ask(ready(engine))).json()["migrations"] == "not at head"


async def test_no_database_is_not_ready() -> None:
    nowhere = create_async_engine("postgresql+asyncpg://u@127.0.0.1:1/none")
    answer = await ask(ready(nowhere))
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "database": "unreachable"},
    )


async def test_a_silent_database_is_given_one_second() -> None:
    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(hold, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    engine = create_async_engine(f"postgresql+asyncpg://u@127.0.0.1:{port}/none")
    begun = time.monotonic()
    answer = await ask(ready(engine))
    assert 0.9 < time.monotonic() - begun < 2
    assert answer.json() == {"status": "unavailable", "database": "unreachable"}
    silent.close()


async def test_draining_is_not_ready_whatever_the_database_says(engine: AsyncEngine) -> None:
    drain = Drain()
    readiness = Readiness(engine, heads=[HEAD], is_draining=lambda: drain.has_begun)
    assert (await ask(readiness)).status_code == 200
    drain.has_begun = True
    answer = await ask(readiness)
    assert (answer.status_code, answer.json()) == (
        503,
        {"status": "unavailable", "process": "draining"},
    )


async def test_many_probes_within_a_second_ask_the_database_once(engine: AsyncEngine) -> None:
    statements: list[str] = []
    sa.event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _, __, statement, *___: statements.append(statement),
    )
    readiness = ready(engine, freshness=1)
    await asyncio.gather(*(readiness.check() for _ in range(20)))
    assert len(statements) == 1
