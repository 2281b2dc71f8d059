"""Both read paths over one database, and companies with data."""

from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from qgp.app import Application
from qgp.organizations.model import Site
from qgp.settings import Settings
from tests.company import Company, Hiring
from tests.engine.read_paths import ReadPaths, Sent, recording
from tests.environment import application_of
from tests.kit.work import work_of

Apart = Callable[..., Application]


@pytest.fixture
async def apart(settings: Settings) -> AsyncIterator[Apart]:
    """Make applications for one test, each with its own pools and engine."""
    applications: list[Application] = []

    def make(**changes: object) -> Application:
        changed = settings.model_copy(update=changes)
        applications.append(application_of(changed))
        return applications[-1]

    yield make
    for one in applications:
        await one.close()


@pytest.fixture(scope="session")
async def read_paths(settings: Settings) -> AsyncIterator[ReadPaths]:
    """Applications with and without planned reads, shared by tests that only read."""
    read_paths = ReadPaths(
        application_of(settings.model_copy(update={"planned_reads": False})),
        application_of(settings),
    )
    yield read_paths
    await read_paths.resolvers.close()
    await read_paths.planned.close()


@pytest.fixture
async def new_read_paths(apart: Apart) -> ReadPaths:
    """As `read_paths`, with empty caches and counts."""
    return ReadPaths(apart(planned_reads=False), apart())


@pytest.fixture
def sent() -> Iterator[list[Sent]]:
    """Statements on connections that the test opens."""
    with recording() as statements:
        yield statements


async def stocked(application: Application) -> Company:
    """Create a company with three standards, nine assessments and a hundred nested sites."""
    company = await Hiring(application).company()
    async with work_of(company) as work:
        head = await work.add(Site(code="000", name="Head"))
        below = (Site(code=f"{n:03}", name="Branch", parent_id=head.id) for n in range(1, 101))
        await work.add(*below)
    async with company.owner.signed_in() as owner:
        for family, edition in (("ISO9001", "2015"), ("ISO9001", "2026"), ("ISO14001", "2015")):
            await owner.do("standardAdopt", familyCode=family, edition=edition)
        data = await owner.ask(
            "{ clauses(first: 9, filter: {isRequirement: {eq: true}}) { nodes { id } } }"
        )
        for clause in data["clauses"]["nodes"]:
            await owner.do("clauseAssess", clauseId=clause["id"], ownerId=company.owner.id)
    return company


@pytest.fixture(scope="session")
async def company_with_data(application: Application) -> Company:
    """A company with data, for tests that do not change it."""
    return await stocked(application)


@pytest.fixture(scope="session")
async def other_company_with_data(application: Application) -> Company:
    """Another company with the same standards."""
    return await stocked(application)
