import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import httpx2
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from starlette.applications import Starlette

from qgp.embedded import Server, temporary
from qgp.http import health
from qgp.http.draining import Drain
from qgp.http.health import Readiness
from qgp.http.middleware import with_middleware
from qgp.migrations import Compatibility
from qgp.settings import Database
from tests.memory import in_memory
from tests.servers import administer

KNOWN = frozenset({"0041", "0042"})
SCHEMA = """
DROP TABLE IF EXISTS alembic_version, applied_migrations;
CREATE TABLE alembic_version (version_num text);
CREATE TABLE applied_migrations (revision text PRIMARY KEY, needs_code text);
GRANT SELECT ON alembic_version, applied_migrations TO qgp_app;
INSERT INTO alembic_version VALUES ('0042');
INSERT INTO applied_migrations VALUES ('0041'), ('0042')
"""
NEWER = "UPDATE alembic_version SET version_num = '0043'"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with temporary(in_memory()) as server:
        administer(server, "CREATE ROLE qgp_app", "CREATE ROLE stranger LOGIN")
        yield server


@pytest.fixture
async def engine(server: Server) -> AsyncIterator[AsyncEngine]:
    """A database at the head of its migrations, and a pool of the application's user."""
    administer(server, *SCHEMA.split(";"), database="qgp")
    engine = connect(server.url())
    yield engine
    await engine.dispose()


def connect(url: str) -> AsyncEngine:
    database = Database.parse(url)
    return create_async_engine(database.url, connect_args=dict(database.connect_args))


def ready(
    engine: AsyncEngine, *, head: str = "0042", patience: float = 60, freshness: float = 0
) -> Readiness:
    needs = Compatibility(frozenset({head}), KNOWN | {head})
    return Readiness(
        engine,
        checks=[needs.problem],
        is_draining=lambda: False,
        patience=patience,
        freshness=freshness,
    )


async def ask(readiness: Readiness, path: str = "/readyz") -> httpx2.Response:
    app = with_middleware(Starlette(routes=health.routes(readiness)), origins=(), max_in_flight=1)
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


async def unready(readiness: Readiness) -> dict[str, str]:
    """Return the check that fails, and its reason."""
    answer = await ask(readiness)
    body: dict[str, str] = answer.json()
    assert (answer.status_code, body.pop("status")) == (503, "unavailable")
    return body


async def test_a_migration_that_the_code_needs_and_is_missing_is_not_ready(
    engine: AsyncEngine,
) -> None:
    assert await unready(ready(engine, head="0043")) == {"migrations": "behind the code"}


async def test_a_newer_database_is_ready_unless_a_migration_declares_a_higher_floor(
    engine: AsyncEngine, server: Server
) -> None:
    add = "INSERT INTO applied_migrations VALUES ('0043', NULL)"
    administer(server, NEWER, add, database="qgp")
    assert (await ask(ready(engine))).status_code == 200
    floor = "UPDATE applied_migrations SET needs_code = '{}' WHERE revision = '0043'"
    administer(server, floor.format("0042"), database="qgp")
    assert (await ask(ready(engine))).status_code == 200
    administer(server, floor.format("0043"), database="qgp")
    assert await unready(ready(engine)) == {"migrations": "need newer code"}


async def test_a_newer_database_that_lacks_a_migration_of_the_code_is_not_ready(
    engine: AsyncEngine, server: Server
) -> None:
    replace = "UPDATE applied_migrations SET revision = '0043' WHERE revision = '0042'"
    administer(server, NEWER, replace, database="qgp")
    assert await unready(ready(engine)) == {"migrations": "behind the code"}


async def test_a_newer_database_that_does_not_list_its_migrations_is_not_ready(
    engine: AsyncEngine, server: Server
) -> None:
    administer(server, NEWER, database="qgp")
    assert await unready(ready(engine)) == {"migrations": "unknown to the code"}


@pytest.mark.parametrize(
    "loss",
    [
        "DROP TABLE alembic_version",
        "DROP TABLE applied_migrations",
        "DELETE FROM alembic_version",
    ],
)
async def test_a_database_without_migrations_is_not_ready(
    engine: AsyncEngine, server: Server, loss: str
) -> None:
    administer(server, loss, database="qgp")
    assert await unready(ready(engine)) == {"migrations": "behind the code"}


async def test_a_user_who_may_not_act_as_the_runtime_role_is_not_ready(
    engine: AsyncEngine, server: Server
) -> None:
    stranger = connect(server.url().replace("//qgp@", "//stranger@"))
    assert await unready(ready(stranger)) == {"role": "the database user may not act as qgp_app"}
    await stranger.dispose()


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
    answer = await ask(ready(engine, patience=1))
    assert 0.9 < time.monotonic() - begun < 2
    assert answer.json() == {"status": "unavailable", "database": "unreachable"}
    silent.close()


async def test_draining_is_not_ready_whatever_the_database_says(engine: AsyncEngine) -> None:
    drain = Drain()
    needs = Compatibility(frozenset({"0042"}), KNOWN)
    readiness = Readiness(engine, checks=[needs.problem], is_draining=lambda: drain.has_begun)
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
    assert len([text for text in statements if "alembic_version" in text]) == 1
