"""Two organizations that have a record of every kind, made once in a run and copied.

Both went through every step: A, which asks, and B, which is asked for.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, replace

import sqlalchemy as sa

from qgp.app import Application
from qgp.http.limits import Limits
from qgp.kit.policy import Role
from tests.company import Hiring, client
from tests.isolation.attack import Asker
from tests.isolation.documents import Documents
from tests.isolation.steps import STEPS
from tests.isolation.world import World, begin
from tests.seeded import Seeded, seeded

# Whole documents are asked, many roots at once, so little but the size of a page is limited.
KEPT = {"page_default", "page_max", "json_depth", "request_seconds", "body_seconds"}
NUMBERS = {field.name for field in fields(Limits)} - KEPT
WIDE = replace(Limits(request_seconds=600), **dict.fromkeys(NUMBERS, 10**9))
NAME = "worlds"
PATIENCE = 600_000  # ms, since whole documents take a busy machine long


@dataclass(frozen=True)
class Worlds:
    """What is known of them.

    Attributes:
        seen: type and name of each field that came back with a value.
    """

    a: World
    b: World
    seen: AbstractSet[tuple[str, str]]


async def worlds(server_url: sa.URL) -> Seeded[Worlds]:
    """Return the worlds, which are made once in a run."""
    patient = {"statement_timeout_ms": PATIENCE, "idle_in_transaction_timeout_ms": PATIENCE}
    return await seeded(server_url, NAME, _make, limits=WIDE, planned_reads=False, **patient)


async def _make(application: Application) -> Worlds:
    documents, seen = Documents(application.schema.graphql), set[tuple[str, str]]()
    a, b = [await begin(await Hiring(application).company(), word) for word in ("ALPHA", "CANARY")]
    for world in (a, b):
        async with client(application, world.company.owner.token) as owner:
            asker = Asker(owner, documents, seen)
            for step in STEPS:
                await asker.take(step, world)
        await _be_denied(application, documents, world, seen)
    return Worlds(a, b, seen)


async def _be_denied(
    application: Application, documents: Documents, world: World, seen: set[tuple[str, str]]
) -> None:
    """Let an employee try what is not theirs, so that the security log has an event."""
    employee = await world.company.hire(Role.EMPLOYEE)
    variables = {"input": {"id": world.ids["new"], "expectedVersion": 1}}
    async with client(application, employee.token) as other:
        asker = Asker(other, documents, seen)
        answer = await asker.ask("mutation", "standardUpdate", variables, levels=0)
    assert "FORBIDDEN" in answer.text
