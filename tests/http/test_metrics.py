"""`/metrics`: who may scrape it, and what it tells of planned reads."""

import httpx2
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.app import Application
from qgp.settings import Settings
from tests.company import Client


def value(text: str, sample: str) -> float:
    lines = [line for line in text.splitlines() if line.startswith(f"{sample} ")]
    return float(lines[0].rpartition(" ")[2]) if lines else 0


async def test_planned_reads_are_counted_by_outcome(api: Client) -> None:
    await api.ask("{ __typename }")
    before = (await api.http.get("/metrics")).text
    await api.ask("{ sites { totalCount } }")
    await api.ask("{ viewer { user { name } } }")
    after = (await api.http.get("/metrics")).text
    opaque = 'qgp_reads_reference_total{reason="Query.viewer"}'
    assert value(after, "qgp_reads_planned_total") == value(before, "qgp_reads_planned_total") + 1
    assert value(after, opaque) == value(before, opaque) + 1
    assert value(after, 'qgp_plans_total{outcome="made"}') > 0
    assert value(after, "process_resident_memory_bytes") > 0


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 401),
        ({"Authorization": "Bearer no"}, 401),
        ({"Authorization": "Bearer scrape-me"}, 200),
    ],
)
async def test_a_token_guards_them(
    settings: Settings, engine: AsyncEngine, given: dict[str, str], status: int
) -> None:
    guarded = settings.model_copy(update={"metrics_token": SecretStr("scrape-me")})
    transport = httpx2.ASGITransport(app=Application.of(guarded, engine).asgi)
    async with httpx2.AsyncClient(transport=transport, base_url="http://test") as client:
        assert (await client.get("/metrics", headers=given)).status_code == status
