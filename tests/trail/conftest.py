"""A company with findings, whose history is read, and a database to tamper with."""

import pytest

from qgp.kit.policy import Role
from tests.company import Client, Company, Person
from tests.engine.conftest import read_paths
from tests.findings.finding_commands import FindingCommands, prepare_finding_commands
from tests.kit.conftest import scratch

__all__ = ["read_paths", "scratch"]


@pytest.fixture
async def employee(company: Company) -> Person:
    """An employee who owns findings."""
    return await company.hire(Role.EMPLOYEE)


@pytest.fixture
async def finding_commands(api: Client, company: Company, employee: Person) -> FindingCommands:
    """Commands on findings, and the records that findings refer to."""
    return await prepare_finding_commands(company, api, employee.id)
