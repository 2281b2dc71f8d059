"""Two organizations that have a record of every kind: A, which asks, and B, which is asked for."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import GraphQLField
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.app import Application
from qgp.http.limits import Limits
from qgp.kit.policy import Role
from tests.company import Company, Hiring, client
from tests.environment import application_of, settings_for
from tests.isolation.attack import Asker, Secrets
from tests.isolation.documents import Documents, required
from tests.isolation.steps import STEPS
from tests.isolation.world import World, begin

WIDE = Limits(
    cost=10**9,
    fields=10**6,
    tokens=10**5,
    query_characters=10**6,
    depth=40,
    repeats=100,
    aliases=10**6,
    spreads=10**6,
    overlaps=10**7,
    response_bytes=10**8,
    request_seconds=120,
)
LATER = "2199-12-31T23:59:59Z"


@dataclass
class Stage:
    """Where the attacks take place.

    Attributes:
        a, b: went through every step.
        secrets: what B does not show.
        seen: fields that somebody saw with a value.
    """

    application: Application
    a: World
    b: World
    documents: Documents
    secrets: Secrets
    seen: set[tuple[str, str]] = field(default_factory=set)

    @property
    def queries(self) -> Mapping[str, GraphQLField]:
        """The root fields to read."""
        root = self.documents.schema.query_type
        assert root is not None
        return dict(root.fields)

    @property
    def commands(self) -> Mapping[str, GraphQLField]:
        """The root fields that change something."""
        root = self.documents.schema.mutation_type
        assert root is not None
        return dict(root.fields)

    @asynccontextmanager
    async def asking(self, token: str | None) -> AsyncIterator[Asker]:
        """Ask as the bearer of a token, or as nobody."""
        async with client(self.application, token) as somebody:
            yield Asker(somebody.http, self.documents, self.seen)

    @asynccontextmanager
    async def in_a(self, role: Role = Role.OWNER) -> AsyncIterator[Asker]:
        """Ask as somebody of A."""
        company = self.a.company
        person = company.owner if role is Role.OWNER else await company.hire(role)
        async with self.asking(person.token) as asker:
            yield asker

    async def company(self) -> Company:
        """Found one more organization."""
        return await Hiring(self.application).company()


def known_arguments(world: World, field: GraphQLField, id: str) -> dict[str, Any]:
    """Return what a root field cannot do without, to ask for that record of the world."""
    editions = {"olderId": world.ids["former"], "newerId": world.ids["latter"]}
    known = {
        "id": id,
        "ids": [id],
        "by": {"id": id},
        "recordId": world.ids["nc"],
        "signatureId": world.ids["signature"],
        "at": LATER,
        "of": {"standardId": world.ids["old"]},
        **editions,
    }
    return {name: known[name] for name in required(field)}


async def _be_denied(
    application: Application, documents: Documents, world: World, seen: set[tuple[str, str]]
) -> None:
    """Let an employee try what is not theirs, so that the security log has an event."""
    employee = await world.company.hire(Role.EMPLOYEE)
    given = {"input": {"id": world.ids["new"], "expectedVersion": 1}}
    async with client(application, employee.token) as other:
        asker = Asker(other.http, documents, seen)
        answer = await asker.ask("mutation", "standardUpdate", given, levels=0)
    assert "FORBIDDEN" in answer.text


@pytest.fixture(scope="session")
async def stage(database_url: sa.URL, engine: AsyncEngine) -> AsyncIterator[Stage]:
    """Both worlds, at an application with room for documents that ask for everything."""
    wide = application_of(settings_for(database_url, limits=WIDE), engine)
    documents, seen = Documents(wide.schema.graphql), set[tuple[str, str]]()
    worlds = [await begin(await Hiring(wide).company(), word) for word in ("ALPHA", "CANARY")]
    for world in worlds:
        async with client(wide, world.company.owner.token) as owner:
            asker = Asker(owner.http, documents, seen)
            for step in STEPS:
                await asker.take(step, world)
        await _be_denied(wide, documents, world, seen)
    a, b = worlds
    yield Stage(wide, a, b, documents, await Secrets.of(b, engine), seen)
    assert wide.planned is not None
    await wide.planned.lanes.close()
