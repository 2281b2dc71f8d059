"""Where organization A asks for what B has."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import sqlalchemy as sa
from graphql import GraphQLField

from qgp.app import Application
from qgp.kit.policy import Role
from tests.company import Company, Hiring, Person, client
from tests.isolation.attack import Asker, Secrets
from tests.isolation.documents import Documents, required
from tests.isolation.world import World
from tests.isolation.worlds import worlds

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
    seen: set[tuple[str, str]]
    people: dict[Role, Person] = field(default_factory=dict)

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
            yield Asker(somebody, self.documents, self.seen)

    @asynccontextmanager
    async def in_a(self, role: Role = Role.OWNER) -> AsyncIterator[Asker]:
        """Ask as somebody of A."""
        async with self.asking((await self.person(role)).token) as asker:
            yield asker

    async def person(self, role: Role) -> Person:
        """Return the one of A who has the role for every test."""
        if role is Role.OWNER:
            return self.a.company.owner
        if role not in self.people:
            self.people[role] = await self.a.company.hire(role)
        return self.people[role]

    async def company(self) -> Company:
        """Found one more organization."""
        return await Hiring(self.application).company()


def known_arguments(world: World, field: GraphQLField, id: str) -> dict[str, Any]:
    """Return what a root field cannot do without, to ask for that record of the world."""
    editions = {"olderId": world.ids["former"], "newerId": world.ids["latter"]}
    values = {
        "id": id,
        "ids": [id],
        "by": {"id": id},
        "recordId": world.ids["nc"],
        "signatureId": world.ids["signature"],
        "at": LATER,
        "of": {"standardId": world.ids["old"]},
        **editions,
    }
    return {name: values[name] for name in required(field)}


@pytest.fixture(scope="session")
async def stage(server_url: sa.URL, worker_id: str) -> AsyncIterator[Stage]:
    """Both worlds, in a copy of this worker's own."""
    copy = await (await worlds(server_url)).copy(f"isolation_{worker_id}", planned_reads=True)
    application, both = copy.open()
    secrets = await Secrets.of(both.b, application.engine)
    documents = Documents(application.schema.graphql)
    yield Stage(application, both.a, both.b, documents, secrets, {*both.seen})
    await application.close()
