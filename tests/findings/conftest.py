"""A company with something to point findings at, and somebody who owns them."""

import pytest

from qgp.kit.policy import Role
from tests.company import Client, Company, Person
from tests.findings.finding_commands import Place, furnish


@pytest.fixture
async def worker(company: Company) -> Person:
    """An employee who answers for findings."""
    return await company.hire(Role.EMPLOYEE)


@pytest.fixture
async def place(api: Client, company: Company, worker: Person) -> Place:
    """What findings point at."""
    place = await furnish(api, worker.id)
    place.approver = await company.hire(Role.QUALITY_MANAGER)
    return place
