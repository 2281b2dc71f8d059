"""Everything that a run needs: two applications, two organizations, people, what is known."""

import random
from collections import defaultdict
from dataclasses import dataclass

from graphql import GraphQLSchema
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.app import Application
from qgp.settings import Settings
from tests.company import Hiring, client
from tests.engine.agreement.gathering import Gathering, note
from tests.engine.agreement.interpreters import interpreters
from tests.engine.agreement.known import LATER, Known
from tests.engine.agreement.organization import fill
from tests.engine.agreement.people import SIGNED_IN, Person, people


@dataclass(frozen=True)
class Stage:
    """Where the judging takes place."""

    reference: Application
    planned: Application
    people: dict[str, Person]
    known: Known

    @property
    def schema(self) -> GraphQLSchema:
        """The schema that both serve."""
        return self.reference.schema.graphql

    async def close(self) -> None:
        """Give the connections of the engine back."""
        if self.planned.planned is not None:
            await self.planned.planned.lanes.close()


async def set_up(found: Settings, engine: AsyncEngine) -> Stage:
    """Fill two organizations, hire everybody, and read what there is."""
    reference, planned = interpreters(found, engine)
    company, rival = await Hiring(reference).company(), await Hiring(reference).company()
    await fill(company, is_large=True)
    await fill(rival, is_large=False)
    everybody = await people(company, rival)
    schema, known = reference.schema.graphql, Known()
    async with company.owner.signed_in() as api, rival.owner.signed_in() as other:
        async for kind, row in Gathering(schema, api).rows():
            note(kind, row, known.values, known.holders)
        async for kind, row in Gathering(schema, other).rows():
            note(kind, row, known.foreign, defaultdict(list))
        known.values["PastRecord", "at"].append(LATER)
        await Gathering(schema, api).hits(known)
        await Gathering(schema, api).gaps(known)
        await Gathering(schema, api).spots(known, random.Random(0))
    for name in SIGNED_IN:
        async with client(reference, everybody[name].token) as api:
            known.forbidden[name] = await Gathering(schema, api).forbidden()
    return Stage(reference, planned, everybody, known)
