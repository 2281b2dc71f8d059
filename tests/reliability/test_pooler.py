"""A process behind a connection pooler in transaction mode, with and without its setting."""

from collections.abc import Iterator
from dataclasses import replace

import asyncpg  # type: ignore[import-untyped]
import pytest
import sqlalchemy as sa

from qgp.embedded import Server
from tests.http.test_pooler import REASON
from tests.pooler import Pooler, pooling
from tests.reliability.serving import Served, free_port, serving


@pytest.fixture
def pooled(served: Served, database: Server) -> Iterator[Served]:
    """Another process, behind a pooler."""
    with pooling(Pooler(sa.make_url(database.url()))) as url:
        yield replace(served, port=free_port(), database_url=url.render_as_string())


async def leave_statements_of_a_former_process(url: str, count: int) -> None:
    """Prepare statements under the names that asyncpg counts up in each process."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), statement_cache_size=0)
    for number in range(1, count + 1):
        await connection.execute(f"PREPARE __asyncpg_stmt_{number:x}__ AS SELECT 1")
    await connection.close()


async def test_without_the_setting_a_process_listens_and_readyz_says_what_to_set(
    pooled: Served,
) -> None:
    await leave_statements_of_a_former_process(pooled.database_url, 100)
    with serving(pooled) as process:
        pooled.await_readiness({"status": "unavailable", "pooler": REASON})
        assert (pooled.status("/readyz"), pooled.status("/healthz")) == (503, 200)
        process.terminate()
        output, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    [line] = [line for line in output.splitlines() if '"not_ready"' in line]
    assert '"level":"WARNING"' in line
    assert f'"reason":"pooler: {REASON}"' in line


def test_with_the_setting_a_process_is_ready_and_people_sign_in(pooled: Served) -> None:
    with serving(pooled, DATABASE_PGBOUNCER="true"):
        pooled.await_status("/readyz", 200)
        token = pooled.sign_in()
        read = "{ users { nodes { name } } }"
        assert all("errors" not in pooled.ask(read, token).json() for _ in range(20))
