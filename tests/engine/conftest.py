"""Two interpreters over one database, and companies with something to read."""

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
    """Make applications of one test alone, each with pools and an engine of its own."""
    made: list[Application] = []

    def make(**changes: object) -> Application:
        found = settings.model_copy(update=changes)
        made.append(application_of(found))
        return made[-1]

    yield make
    for one in made:
        await one.close()


@pytest.fixture(scope="session")
async def sides(settings: Settings) -> AsyncIterator[ReadPaths]:
    """Applications that differ in nothing but planned reads, shared by tests that only ask."""
    sides = ReadPaths(
        application_of(settings.model_copy(update={"planned_reads": False})),
        application_of(settings),
    )
    yield sides
    await sides.reference.close()
    await sides.planned.close()


@pytest.fixture
async def new_sides(apart: Apart) -> ReadPaths:
    """As `sides`, but they remember nothing yet, and count from nought."""
    return ReadPaths(apart(planned_reads=False), apart())


@pytest.fixture
def sent() -> Iterator[list[Sent]]:
    """What is sent on connections that the test is the first to need."""
    with recording() as found:
        yield found


async def stocked(application: Application) -> Company:
    """Found a company with three standards, nine assessments and a hundred nested sites."""
    company = await Hiring(application).company()
    async with work_of(company) as work:
        head = await work.add(Site(code="000", name="Head"))
        below = (Site(code=f"{n:03}", name="Branch", parent_id=head.id) for n in range(1, 101))
        await work.add(*below)
    async with company.owner.signed_in() as owner:
        for family, edition in (("ISO9001", "2015"), ("ISO9001", "2026"), ("ISO14001", "2015")):
            await owner.do("standardAdopt", familyCode=family, edition=edition)
        found = await owner.ask(
            "{ clauses(first: 9, filter: {isRequirement: {eq: true}}) { nodes { id } } }"
        )
        for clause in found["clauses"]["nodes"]:
            await owner.do("clauseAssess", clauseId=clause["id"], ownerId=company.owner.id)
    return company


@pytest.fixture(scope="session")
async def library(application: Application) -> Company:
    """A stocked company, for tests that leave it as it is."""
    return await stocked(application)


@pytest.fixture(scope="session")
async def rival(application: Application) -> Company:
    """Another with the same documents in its library."""
    return await stocked(application)
