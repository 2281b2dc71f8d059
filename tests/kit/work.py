"""Doing things as a person without GraphQL in between."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from qgp.kit import ids
from qgp.kit.background_jobs import EventConsumer, JobContext
from qgp.kit.context import Context
from qgp.kit.policy import Principal, Role
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.worker.events import consuming
from tests.company import Company


def context_of(company: Company) -> Context:
    """Open an operation of the company's owner."""
    owner = Principal(
        user_id=company.owner.user_id,
        account_id=ids.uuid7(),
        organization_id=company.organization_id,
        session_id=ids.uuid7(),
        role=Role.OWNER,
    )
    return Context(company.application.database, "request-1", owner)


@asynccontextmanager
async def work_of(company: Company, action: str = "test") -> AsyncIterator[Work]:
    """Open a unit of work of the company's owner."""
    async with context_of(company).unit_of_work(action) as work:
        yield work


async def run(company: Company, *statements: str, **parameters: Any) -> None:
    """Run raw SQL in one transaction of the company, as the runtime role."""
    async with company.application.database.write(Scope(company.organization_id)) as session:
        for statement in statements:
            await session.execute(sa.text(statement), parameters)


async def refused(company: Company, *statements: str, **parameters: Any) -> str:
    """Run raw SQL that must not commit and return the SQLSTATE that says so."""
    with pytest.raises(DBAPIError) as error:
        await run(company, *statements, **parameters)
    return str(getattr(error.value.orig, "sqlstate", None))


async def consume(company: Company, consumer: EventConsumer) -> None:
    """Let a consumer read the events of a company that it has not read yet, as the worker does."""
    application = company.application
    job = consuming({consumer.name: consumer})
    parameters = {"consumer": consumer.name, "organization": str(company.organization_id)}
    await job.run(JobContext(application.database, application.services.by_type), parameters)
