"""Databases to break on purpose, and a company that has a row in every table."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import sqlalchemy as sa

from qgp import schema
from qgp.app import Application
from qgp.kit.errors import Forbidden
from qgp.kit.model import Base
from qgp.kit.security_log import log_refusal
from qgp.kit.session import Scope
from tests.company import Client, Company, Hiring
from tests.environment import application_of, clone, settings_for
from tests.isolation.worlds import Worlds, worlds
from tests.kit.work import context_of

schema.import_models()
OWNED = sorted(
    (table for table in Base.metadata.tables.values() if "organization_id" in table.c),
    key=lambda table: table.name,
)
# Rows that only the worker, and commands that keep a row locked, would write.
_FURTHER = (
    "INSERT INTO reference_counters VALUES (:organization, 'ANY', 2026, 1)",
    "INSERT INTO outbox_cursors VALUES (:organization, 'any', 1)",
    "INSERT INTO daily_runs VALUES (:organization, 'any', '2026-01-01')",
    "INSERT INTO sent_reminders (organization_id, kind, record_id, due_on, name, days_after) "
    "VALUES (:organization, 'any', :organization, '2026-01-01', 'due', 0)",
)


@asynccontextmanager
async def scratch_application(server_url: sa.URL) -> AsyncIterator[Application]:
    """Run an application at a database of its own."""
    url = await clone(server_url, f"scratch_{secrets.token_hex(6)}")
    application = application_of(settings_for(url))
    yield application
    await application.close()


@pytest.fixture
async def scratch(server_url: sa.URL) -> AsyncIterator[Application]:
    """The application at a database of this test alone."""
    async with scratch_application(server_url) as application:
        yield application


async def adopt(owner: Client) -> None:
    """Adopt both editions of ISO 9001, and assess a clause of the older one."""
    for edition in ("2015", "2026"):
        await owner.do("standardAdopt", familyCode="ISO9001", edition=edition)
    filter = '{ number: { eq: "8.4.1" }, standard: { code: { eq: "ISO9001:2015" } } }'
    clauses = await owner.ask(f"{{ clauses(filter: {filter}) {{ nodes {{ id }} }} }}")
    arguments = {"clauseId": clauses["clauses"]["nodes"][0]["id"]}
    assert (await owner.do("clauseAssess", **arguments))["errors"] == []


@pytest.fixture(scope="session")
async def two_companies(server_url: sa.URL, worker_id: str) -> AsyncIterator[Worlds]:
    """Two companies with rows of every kind, in a database of their own."""
    copy = await (await worlds(server_url)).copy(f"kit_{worker_id}")
    application, two_companies = copy.open()
    yield two_companies
    await application.close()


@pytest.fixture(scope="session")
async def company_with_all_tables(two_companies: Worlds) -> Company:
    """A company with a row in every table, for tests that leave it as it is."""
    company = two_companies.a.company
    async with company.owner.signed_in() as owner:
        await owner.do("siteCreate", code="ONE", name="One", idempotencyKey="one")
        await owner.ask("mutation { calendarFeedCreate { errors { code } } }")
        await adopt(owner)
    await log_refusal(context_of(company), "siteCreate", Forbidden("It is not yours."))
    async with company.application.database.write(Scope(company.organization_id)) as session:
        for statement in _FURTHER:
            await session.execute(sa.text(statement), {"organization": company.organization_id})
    return company


@pytest.fixture(scope="session")
async def other(two_companies: Worlds) -> Company:
    """The other company of the same database."""
    return two_companies.b.company


@pytest.fixture(scope="session")
async def company_with_standards(application: Application) -> Company:
    """A company that adopted both editions of ISO 9001, for tests that leave it as it is."""
    company = await Hiring(application).company()
    async with company.owner.signed_in() as owner:
        await adopt(owner)
    return company


@pytest.fixture(scope="session")
async def other_company_with_standards(application: Application) -> Company:
    """Another company with both editions, which has a site as well."""
    company = await Hiring(application).company()
    async with company.owner.signed_in() as owner:
        await adopt(owner)
        assert (await owner.do("siteCreate", code="HQ", name="Head"))["errors"] == []
    return company
