"""Records of CAPAs for each test, and a set that whole files share."""

import pytest

from qgp.app import Application
from tests.capas.capa_records import CapaRecords
from tests.company import Company, Hiring


@pytest.fixture
def capa_records(company: Company) -> CapaRecords:
    """Where a test writes the records of its own company."""
    return CapaRecords(company)


@pytest.fixture(scope="session")
async def shared_capa_records(application: Application) -> CapaRecords:
    """Where tests write that leave each other alone."""
    return CapaRecords(await Hiring(application).company())
