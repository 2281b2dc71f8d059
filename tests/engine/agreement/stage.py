"""Everything that a run needs: two applications, two organizations, people, what is known."""

import random
from dataclasses import dataclass

import sqlalchemy as sa
from graphql import GraphQLSchema

from qgp.app import Application
from tests.company import client
from tests.engine.agreement.gathering import Gathering, note
from tests.engine.agreement.interpreters import LIMITS, interpreters
from tests.engine.agreement.known import LATER, Known
from tests.engine.agreement.people import SIGNED_IN, Person, people
from tests.engine.agreement.rows import add_rows
from tests.isolation.worlds import worlds


@dataclass(frozen=True)
class Stage:
    """Where the judging takes place."""

    application: Application
    reference: Application
    planned: Application
    people: dict[str, Person]
    known: Known

    @property
    def schema(self) -> GraphQLSchema:
        """The schema that both serve."""
        return self.reference.schema.graphql

    async def close(self) -> None:
        """Give the connections back."""
        if self.planned.planned is not None:
            await self.planned.planned.read_connections.close()
        await self.application.close()


async def set_up(server_url: sa.URL, name: str, *, spots: int) -> Stage:
    """Copy the two organizations of the run into a database, add rows, and read what there is.

    Args:
        spots: pairs of a filter and an order with which each list is read for its cursors.
    """
    copy = await (await worlds(server_url)).copy(name, limits=LIMITS)
    application, both = copy.open()
    await add_rows(both.a)
    everybody = await people(both)
    reference, planned = interpreters(copy.settings, application)
    schema, known = reference.schema.graphql, Known()
    async with (
        client(reference, both.a.company.owner.token) as api,
        client(reference, both.b.company.owner.token) as other,
    ):
        async for kind, row in Gathering(schema, api).rows():
            note(kind, row, known.values, known.holders)
        known.foreign |= await Gathering(schema, other).ids()
        known.values["PastRecord", "at"].append(LATER)
        await Gathering(schema, api).hits(known)
        await Gathering(schema, api).gaps(known)
        await Gathering(schema, api).spots(known, random.Random(0), spots)
    for one in SIGNED_IN:
        async with client(reference, everybody[one].token) as api:
            known.forbidden[one] = await Gathering(schema, api).forbidden()
    return Stage(application, reference, planned, everybody, known)
