"""A company with something that has a history, and a database to tamper with."""

import pytest

from qgp.kit.policy import Role
from tests.company import Client, Company, Person
from tests.engine.conftest import read_paths
from tests.findings.finding_commands import Place, furnish
from tests.kit.conftest import scratch

__all__ = ["read_paths", "scratch"]


@pytest.fixture
async def worker(company: Company) -> Person:
    """An employee who answers for findings."""
    return await company.hire(Role.EMPLOYEE)


@pytest.fixture
async def place(api: Client, worker: Person) -> Place:
    """What findings point at."""
    return await furnish(api, worker.id)
