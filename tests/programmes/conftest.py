"""Writers of programme records: one for each test, and one that whole files share."""

import pytest

from qgp.app import Application
from tests.company import Company, Hiring
from tests.programmes.programme_records import ProgrammeRecords


@pytest.fixture
def programme_records(company: Company) -> ProgrammeRecords:
    """Writer of records in the company of one test."""
    return ProgrammeRecords(company)


@pytest.fixture(scope="session")
async def shared_programme_records(application: Application) -> ProgrammeRecords:
    """Writer of records in one company, for tests that leave each other alone."""
    return ProgrammeRecords(await Hiring(application).company())
