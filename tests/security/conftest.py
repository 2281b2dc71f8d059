"""A company with findings to be refused at."""

import pytest

from qgp.kit.policy import Role
from tests.company import Client, Company, Person
from tests.findings.finding_commands import Place, furnish


@pytest.fixture
async def worker(company: Company) -> Person:
    """An employee who answers for findings."""
    return await company.hire(Role.EMPLOYEE)


@pytest.fixture
async def place(api: Client, worker: Person) -> Place:
    """What findings point at."""
    return await furnish(api, worker.id)
