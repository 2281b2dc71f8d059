"""A room for each test, and one that whole files share."""

import pytest

from qgp.app import Application
from tests.audits.room import Room
from tests.company import Company, Hiring


@pytest.fixture
def room(company: Company) -> Room:
    """Where a test writes the records of its own company."""
    return Room(company)


@pytest.fixture(scope="session")
async def hall(application: Application) -> Room:
    """Where tests write that leave each other alone."""
    return Room(await Hiring(application).company())
