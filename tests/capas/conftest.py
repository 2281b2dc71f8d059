"""A desk for each test, and one that whole files share."""

import pytest

from qgp.app import Application
from tests.capas.capa_records import Desk
from tests.company import Company, Hiring


@pytest.fixture
def desk(company: Company) -> Desk:
    """Where a test writes the records of its own company."""
    return Desk(company)


@pytest.fixture(scope="session")
async def office(application: Application) -> Desk:
    """Where tests write that leave each other alone."""
    return Desk(await Hiring(application).company())
