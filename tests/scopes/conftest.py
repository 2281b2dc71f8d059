"""An organization with a record of every kind, and copies of it in which people look around."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.kit.policy import Role
from tests.company import Person
from tests.isolation.world import World
from tests.isolation.worlds import Worlds, worlds
from tests.scopes.documents import Everything
from tests.scopes.view import (
    View,
    arrange,
    mark,
    places,
    pointed_at,
    principal_of,
    references_of,
    seen,
)
from tests.seeded import Seeded


@dataclass
class Seed:
    """The world, in a database that is copied.

    Attributes:
        people: somebody of each role, whose role holds in a place where it can.
    """

    seeded: Seeded[Worlds]
    name: str
    world: World
    people: dict[Role, Person]
    everything: Everything
    copies: int = 0

    async def copy(self) -> Application:
        """Return an application at a copy of the world, which reads on the resolver path."""
        self.copies += 1
        name = f"{self.name}_{self.copies}"
        copy = await self.seeded.copy(name, planned_reads=False)
        return copy.open()[0]


@pytest.fixture(scope="session")
async def seed(server_url: sa.URL, worker_id: str) -> Seed:
    """The world, gone through every step; an owner, and somebody of each role."""
    name = f"scopes_{worker_id}"
    copy = await (await worlds(server_url)).copy(name)
    application, both = copy.open()
    mine = await places(both.a.company)
    people = {role: await both.a.company.hire(role, **mine) for role in Role}
    everything = Everything(application.schema.graphql)
    await application.close()
    return Seed(copy, name, both.a, people, everything)


Look = Callable[..., Awaitable[View]]


@pytest.fixture(scope="session")
async def look(seed: Seed) -> AsyncIterator[Look]:
    """Return the view of a role on a copy of the world in which a part is hidden from it.

    Tests with the same role share a copy, and must not change it.
    """
    views: dict[tuple[Role, int], View] = {}

    async def view(role: Role, flip: int = 0) -> View:
        if (role, flip) not in views:
            views[role, flip] = await _view(seed, role, flip)
        return views[role, flip]

    yield view
    for each in views.values():
        await each.application.close()


@pytest.fixture
async def look_alone(seed: Seed) -> AsyncIterator[Look]:
    """Return the view of a role on a copy of its own, which the test may change."""
    views: list[View] = []

    async def view(role: Role, flip: int = 0) -> View:
        views.append(await _view(seed, role, flip))
        return views[-1]

    yield view
    for each in views:
        await each.application.close()


async def _view(seed: Seed, role: Role, flip: int) -> View:
    application, person = await seed.copy(), seed.people[role]
    company = replace(seed.world.company, application=application)
    async with application.engine.begin() as connection:
        await connection.execute(sa.text("SET session_replication_role = replica"))
        await arrange(connection, company, person, role, flip)
    visible, hidden = await seen(application, await principal_of(application, company, person))
    async with application.engine.begin() as connection:
        await connection.execute(sa.text("SET session_replication_role = replica"))
        await mark(connection, hidden)
        references = await references_of(connection, hidden)
        pointed = await pointed_at(connection, visible)
    return View(application, seed.world, person, visible, hidden, pointed, references)
