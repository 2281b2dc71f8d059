"""`/metrics`: who may scrape it, and what it tells of planned reads."""

import asyncio

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.app import Application
from qgp.kit.fair_queue import Requester
from qgp.settings import Settings
from tests.company import Client
from tests.environment import application_of


def value(text: str, sample: str) -> float:
    lines = [line for line in text.splitlines() if line.startswith(f"{sample} ")]
    return float(lines[0].rpartition(" ")[2]) if lines else 0


async def test_planned_reads_are_counted_by_outcome(api: Client) -> None:
    await api.ask("{ __typename }")
    before = (await api.http.get("/metrics")).text
    await api.ask("{ sites { totalCount } }")
    await api.ask("{ viewer { user { name } } }")
    after = (await api.http.get("/metrics")).text
    executed = 'qgp_reads_resolver_path_total{reason="Query.viewer"}'
    assert value(after, "qgp_reads_planned_total") == value(before, "qgp_reads_planned_total") + 1
    assert value(after, executed) == value(before, executed) + 1
    assert value(after, 'qgp_plan_cache_total{outcome="miss"}') > 0
    assert value(after, "process_resident_memory_bytes") > 0


async def test_requests_are_counted_by_type_outcome_seconds_and_code(api: Client) -> None:
    async def counts() -> dict[str, float]:
        text = (await api.http.get("/metrics")).text
        return {
            line.rpartition(" ")[0]: float(line.rpartition(" ")[2])
            for line in text.splitlines()
            if line.startswith(("qgp_requests_total", "qgp_errors_total", "qgp_request_duration"))
        }

    before = await counts()
    await api.ask("{ sites { totalCount } }")
    await api.ask("{ viewer { user { name } } }")
    await api.do("siteCreate", "site { id }", code="BER", name="Berlin")
    await api.send("{ nothing }")
    await api.http.get("/exports/sites.csv")
    after = await counts()
    grown = {name: after[name] - before.get(name, 0) for name in after}
    for labels, count in (
        ('outcome="success",type="query"', 2),
        ('outcome="success",type="mutation"', 1),
        ('outcome="refused",type="query"', 1),
        ('outcome="success",type="export"', 1),
    ):
        assert grown[f"qgp_requests_total{{{labels}}}"] == count
    assert grown['qgp_errors_total{code="GRAPHQL_VALIDATION_FAILED"}'] == 1
    for kind, count in (("query", 3), ("mutation", 1), ("export", 1)):
        assert grown[f'qgp_request_duration_seconds_count{{type="{kind}"}}'] == count
        assert grown[f'qgp_request_duration_seconds_bucket{{le="+Inf",type="{kind}"}}'] == count


async def test_pools_and_queues_are_exported(api: Client, application: Application) -> None:
    async def measured(sample: str) -> float:
        return value((await api.http.get("/metrics")).text, sample)

    await api.ask("{ sites { totalCount } }")
    settings = application.settings
    resolvers = settings.pool_size + settings.pool_overflow
    assert await measured('qgp_pool_size{pool="resolvers"}') == resolvers
    assert await measured('qgp_pool_size{pool="reads"}') == settings.planned_connections
    before = await measured('qgp_pool_in_use{pool="resolvers"}')
    async with application.engine.connect():
        assert await measured('qgp_pool_in_use{pool="resolvers"}') == before + 1
    requester = Requester("somebody", "192.0.2.7")
    async with application.admission.heavy.turn(requester):
        assert await measured('qgp_queue_running{queue="heavy"}') == 1
        waiting = asyncio.ensure_future(application.admission.heavy.enter(requester))
        await asyncio.sleep(0)
        assert await measured('qgp_queue_waiting{queue="heavy"}') == 1
        waiting.cancel()
    assert await measured('qgp_queue_running{queue="heavy"}') == 0


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer no"}, 401),
        ({"Authorization": "Bearer scrape-me"}, 200),
    ],
)
async def test_a_token_guards_them(
    settings: Settings, engine: AsyncEngine, headers: dict[str, str], status: int
) -> None:
    guarded = settings.model_copy(update={"metrics_token": SecretStr("scrape-me")})
    transport = httpx2.ASGITransport(app=application_of(guarded, engine).asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/metrics", headers=headers)).status_code == status
