"""Setup of a run: two applications, two organizations, callers, sample data."""

import random
from dataclasses import dataclass

import sqlalchemy as sa
from graphql import GraphQLSchema

from qgp.app import Application
from tests.company import client
from tests.engine.agreement.people import SIGNED_IN, Person, people
from tests.engine.agreement.read_path import LIMITS, path_applications
from tests.engine.agreement.rows import add_rows
from tests.engine.agreement.sample_data import LATER, SampleData
from tests.engine.agreement.sample_reader import SampleReader, note
from tests.isolation.worlds import worlds


@dataclass(frozen=True)
class Stage:
    """The applications, callers and data of a run."""

    application: Application
    resolvers: Application
    planned: Application
    people: dict[str, Person]
    sample: SampleData

    @property
    def schema(self) -> GraphQLSchema:
        """The schema that both serve."""
        return self.resolvers.schema.graphql

    async def close(self) -> None:
        """Give the connections back."""
        if self.planned.read_engine is not None:
            await self.planned.read_engine.read_connections.close()
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
    resolvers, planned = path_applications(copy.settings, application)
    schema, sample = resolvers.schema.graphql, SampleData()
    async with (
        client(resolvers, both.a.company.owner.token) as api,
        client(resolvers, both.b.company.owner.token) as other,
    ):
        async for kind, row in SampleReader(schema, api).rows():
            note(kind, row, sample.values, sample.holders)
        sample.foreign |= await SampleReader(schema, other).ids()
        sample.values["PastRecord", "at"].append(LATER)
        await SampleReader(schema, api).hits(sample)
        await SampleReader(schema, api).gaps(sample)
        await SampleReader(schema, api).spots(sample, random.Random(0), spots)
    for one in SIGNED_IN:
        async with client(resolvers, everybody[one].token) as api:
            sample.forbidden[one] = await SampleReader(schema, api).forbidden()
    return Stage(application, resolvers, planned, everybody, sample)
