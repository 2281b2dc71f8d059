"""Writers of audit records: one for each test, and one that whole files share."""

import pytest

from qgp.app import Application
from tests.audits.audit_records import AuditRecords
from tests.company import Company, Hiring


@pytest.fixture
def audit_records(company: Company) -> AuditRecords:
    """Writer of records in the company of one test."""
    return AuditRecords(company)


@pytest.fixture(scope="session")
async def shared_audit_records(application: Application) -> AuditRecords:
    """Writer of records in one company, for tests that leave each other alone."""
    return AuditRecords(await Hiring(application).company())
