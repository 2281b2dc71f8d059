"""An organization with a record of every kind, and copies of it in which people look around."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, fields, replace

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from qgp.app import Application
from qgp.http.limits import Limits
from qgp.kit.policy import Role
from qgp.settings import Settings
from tests.company import Client, Hiring, Person, client
from tests.environment import application_of, clone, settings_for
from tests.isolation.steps import STEPS
from tests.isolation.world import Step, World, begin
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

# Whole documents are asked at once, so little but the size of a page is limited.
KEPT = {"page_default", "page_max", "json_depth", "request_seconds", "body_seconds"}
NUMBERS = {field.name for field in fields(Limits)} - KEPT
WIDE = replace(Limits(request_seconds=600), **dict.fromkeys(NUMBERS, 10**9))


@dataclass
class Seed:
    """The world, in a database that is copied.

    Attributes:
        people: somebody of each role, whose role holds in a place where it can.
    """

    server: sa.URL
    name: str
    settings: Settings
    world: World
    people: dict[Role, Person]
    everything: Everything
    copies: int = 0

    async def copy(self, *, planned: bool = True) -> Application:
        """Return an application at a copy of the world."""
        self.copies += 1
        url = await clone(self.server, f"{self.name}_{self.copies}", self.name)
        settings = self.settings.model_copy(
            update={
                "database_url": SecretStr(url.render_as_string(hide_password=False)),
                "planned_reads": planned,
            }
        )
        return application_of(settings)


@pytest.fixture(scope="session")
async def seed(server_url: sa.URL, worker_id: str) -> Seed:
    """The world, gone through every step; an owner, and somebody of each role."""
    name = f"scopes_{worker_id}"
    url = await clone(server_url, name)
    settings = settings_for(url, limits=WIDE, statement_timeout_ms=600_000)
    application = application_of(settings)
    everything = Everything(application.schema.graphql)
    world = await begin(await Hiring(application).company(), "SCOPE")
    async with client(application, world.company.owner.token) as owner:
        for step in STEPS:
            await _take(owner, everything, step, world)
    mine = await places(world.company)
    people = {role: await world.company.hire(role, **mine) for role in Role}
    await application.close()
    return Seed(server_url, name, settings, world, people, everything)


async def _take(owner: Client, everything: Everything, step: Step, world: World) -> None:
    """Take a step, and ask for no more than its receipt: there are hundreds."""
    given = {"input": step.given(world)}
    asked = {"query": everything.receipt(step.mutation), "variables": given}
    headers = {"authorization": f"Bearer {world.people[step.by].token}"}
    answer = (await owner.http.post("/graphql", json=asked, headers=headers)).json()
    payload = answer["data"][step.mutation]
    assert payload["errors"] == [], (step, payload["errors"])
    world.noted(step.name, payload)
    await step.send(owner.http, world, payload)
    await step.look(owner.http, world)


Look = Callable[..., Awaitable[View]]


@pytest.fixture
async def look(seed: Seed) -> AsyncIterator[Look]:
    """Let somebody of a role look at a copy of the world in which a part is hidden from them."""
    opened: list[Application] = []

    async def view(role: Role, flip: int = 0, *, planned: bool = True) -> View:
        application = await seed.copy(planned=planned)
        opened.append(application)
        company = replace(seed.world.company, application=application)
        person = seed.people[role]
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

    yield view
    for application in opened:
        await application.close()
