"""A process behind a connection pooler in transaction mode, with and without its setting."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import asyncpg  # type: ignore[import-untyped]
import pytest

from qgp.embedded import Server
from tests.http.test_pooler import REASON
from tests.preloading import Process
from tests.reliability.serving import (
    IMPORT,
    Served,
    await_writing,
    import_rows,
    imported,
    preloaded,
)


async def leave_statements_of_a_former_process(url: str, count: int) -> None:
    """Prepare statements under the names that asyncpg counts up in each process."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), statement_cache_size=0)
    for number in range(1, count + 1):
        await connection.execute(f"PREPARE __asyncpg_stmt_{number:x}__ AS SELECT 1")
    await connection.close()


@pytest.mark.exhaustive
async def test_without_the_setting_a_process_listens_and_readyz_says_what_to_set(
    pooled: Served,
) -> None:
    await leave_statements_of_a_former_process(pooled.database_url, 100)
    with preloaded(pooled) as process:
        pooled.await_readiness({"status": "unavailable", "pooler": REASON})
        assert (pooled.status("/readyz"), pooled.status("/healthz")) == (503, 200)
        process.terminate()
        output, _ = process.communicate(timeout=15)
    assert process.returncode == 0
    [line] = [line for line in output.splitlines() if '"not_ready"' in line]
    assert '"level":"WARNING"' in line
    assert f'"reason":"pooler: {REASON}"' in line


@pytest.fixture(scope="module")
def ready(pooled: Served) -> Iterator[Process]:
    """A process that knows of the pooler, and may take long to stop."""
    with preloaded(pooled, DATABASE_PGBOUNCER="true", STOP_SECONDS="20") as process:
        pooled.await_status("/readyz", 200)
        yield process


def test_with_the_setting_a_process_is_ready_and_people_sign_in(
    pooled: Served, ready: Process
) -> None:
    token = pooled.sign_in()
    read = "{ users { nodes { name } } }"
    assert all("errors" not in pooled.ask(read, token).json() for _ in range(20))


def test_an_import_that_the_drain_leaves_time_for_is_finished(
    served: Served, pooled: Served, ready: Process, database: Server
) -> None:
    token = pooled.sign_in()
    before = imported(served)
    with ThreadPoolExecutor() as pool:
        under_way = pool.submit(pooled.ask, IMPORT, token, csv=import_rows(300))
        await_writing(database)
        ready.send_signal(signal.SIGTERM)
        answer = under_way.result()
    outcome = {"rows": 300, "problems": [], "errors": []}
    assert answer.json()["data"]["findingsImport"] == outcome
    assert ready.wait(timeout=10) == 0
    assert imported(served) == before + 300
