"""The benchmark's peer over our tables writes the rows that a create of ours writes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg  # type: ignore[import-untyped]
import sqlalchemy as sa

from bench.peers.same_rows import raw
from bench.trail import TABLES, compared
from qgp.app import Application
from qgp.kit import ids
from tests.company import Company, Hiring

_IS_OF_FINDING = '"entity": "findings"'
VERIFY = "{ trailVerify { isIntact checked lastSequence } }"
FINDING = {
    "title": 'Label "7" missing\\',
    "grade": "MINOR",
    "sourceType": "PROCESS",
    "statement": "größer\tals ☃",
    "severity": 2,
}


async def test_raw_sql_writes_the_same_rows_once_with_a_trail_that_verifies(
    application: Application, database_url: sa.URL
) -> None:
    ours, peers = [await Hiring(application).company() for _ in range(2)]
    sites = [await add_site(company) for company in (ours, peers)]
    values = {**FINDING, "idempotencyKey": "key-1"}
    async with ours.owner.signed_in() as owner:
        await owner.do("findingCreate", **values, siteId=sites[0])
    connection = await asyncpg.connect(
        database_url.set(drivername="postgresql").render_as_string(hide_password=False)
    )
    place = (peers.organization_id, peers.owner.user_id)
    _, site_id = ids.split(sites[1], "id")
    answers = [
        await raw.create(connection, *place, {**values, "siteId": str(site_id)}) for _ in range(2)
    ]
    reused = await raw.create(connection, *place, {**values, "siteId": None})
    written = [
        await rows(connection, company, site)
        for company, site in zip((ours, peers), sites, strict=True)
    ]
    await connection.close()
    assert written[0] == written[1]
    assert [len(table) for table in written[1].values()] == [1] * len(TABLES)
    assert answers[0] == answers[1]
    finding = json.loads(answers[0])["data"]["findingCreate"]["finding"]
    assert finding | {"id": "", "reference": finding["reference"][:3]} == {
        "id": "",
        "reference": "NC-",
        "title": FINDING["title"],
        "status": "DRAFT",
        "site": {"code": "S1", "name": "S"},
        "createdBy": {"name": "Owner"},
    }
    assert json.loads(reused)["data"]["findingCreate"]["finding"] is None
    async with peers.owner.signed_in() as owner:
        assert await owner.ask(VERIFY) == {
            "trailVerify": {"isIntact": True, "checked": 4, "lastSequence": 4}
        }


async def add_site(company: Company) -> str:
    async with company.owner.signed_in() as owner:
        payload = await owner.do("siteCreate", "site { id }", code="S1", name="S")
    site_id: str = payload["site"]["id"]
    return site_id


async def rows(
    connection: asyncpg.Connection, company: Company, site: str
) -> Mapping[str, Sequence[Any]]:
    """Return what a company's finding wrote, with names in place of the company's ids."""
    _, site_id = ids.split(site, "id")
    names = {company.organization_id: "org", company.owner.user_id: "owner", site_id: "site"}
    written = {}
    for table in TABLES:
        texts = await connection.fetch(
            f"SELECT to_jsonb(t)::text FROM {table} t WHERE organization_id = $1 ORDER BY t::text",
            company.organization_id,
        )
        lines = [text for (text,) in texts if '"entity"' not in text or _IS_OF_FINDING in text]
        for id, name in names.items():
            lines = [line.replace(str(id), name) for line in lines]
        written[table] = compared(lines)
    return written
