"""Databases to break on purpose, and a company that has a row in every table."""

import secrets
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from qgp import schema
from qgp.app import Application, create_engine
from qgp.kit.model import Base
from qgp.kit.session import Scope
from tests.company import Company, Hiring
from tests.environment import clone, settings_for

schema.import_models()
OWNED = sorted(
    (table for table in Base.metadata.tables.values() if "organization_id" in table.c),
    key=lambda table: table.name,
)
_COUNTER = "INSERT INTO reference_counters VALUES (:organization, 'ANY', 2026, 1)"


@pytest.fixture
async def scratch(server_url: sa.URL) -> AsyncIterator[Application]:
    """The application at a database of this test alone."""
    url = await clone(server_url, f"scratch_{secrets.token_hex(6)}")
    settings = settings_for(url)
    engine = create_engine(settings)
    application = Application.of(settings, engine)
    yield application
    await application.close()


async def settle(company: Company) -> Company:
    """Give the company a row in every table that knows organizations."""
    async with company.owner.signed_in() as owner:
        site = await owner.do("siteCreate", "site { id }", code="HQ", name="Home")
        key = {"idempotencyKey": "one"}
        await owner.do("departmentCreate", code="D1", name="Quality", **key)
        for edition in ("2015", "2026"):
            await owner.do("standardAdopt", familyCode="ISO9001", edition=edition)
        filter = '{ number: { eq: "8.4.1" }, standard: { code: { eq: "ISO9001:2015" } } }'
        found = await owner.ask(f"{{ clauses(filter: {filter}) {{ nodes {{ id }} }} }}")
        clause = found["clauses"]["nodes"][0]["id"]
        given = {"clauseId": clause, "siteId": site["site"]["id"]}
        assert (await owner.do("clauseAssess", **given))["errors"] == []
        assert (await owner.do("causeCategoryCreate", code="C1", name="Method"))["errors"] == []
        given = {"grade": "MINOR", "sourceType": "AUDIT", "primaryClauseId": clause}
        assert (await owner.do("findingCreate", title="Gauges", **given))["errors"] == []
    async with company.application.database.write(Scope(company.organization_id)) as session:
        await session.execute(sa.text(_COUNTER), {"organization": company.organization_id})
    return company


@pytest.fixture(scope="session")
async def settled(application: Application) -> Company:
    """A company with a row in every table, for tests that leave it as it is."""
    return await settle(await Hiring(application).company())


@pytest.fixture(scope="session")
async def rival(application: Application) -> Company:
    """Another one."""
    return await settle(await Hiring(application).company())
