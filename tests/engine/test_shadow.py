"""Shadow mode: the reference beside the plan, and plans given up that differ from it twice."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from structlog.testing import capture_logs

from qgp.engine.engine import Engine
from qgp.engine.shadow import Shadow
from qgp.kit.gql.operation import Operation
from qgp.kit.policy import SignedIn
from tests.company import Client, Company
from tests.engine.conftest import Apart
from tests.engine.read_paths import ReadPaths, Sent, asking

SITES = "{ sites(first: 3) { totalCount nodes { code name } } }"
OTHER = b'{"sites":{"totalCount":7,"nodes":[]}}'


@pytest.fixture
def sides(new_sides: ReadPaths) -> ReadPaths:
    """Applications that remember nothing yet."""
    return new_sides


@dataclass
class Judge:
    """A reference that gives what it is told to, and then the last of it."""

    answers: Sequence[bytes | None]
    meanwhile: Callable[[], Any] | None = None
    asked: list[Operation] = field(default_factory=list)

    async def __call__(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> bytes | None:
        self.asked.append(operation)
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@dataclass(frozen=True)
class Scene:
    """Somebody who asks an engine for sites, with its operation at hand."""

    engine: Engine
    operation: Operation
    signed_in: SignedIn

    async def read(self, judge: Judge, times: int = 1, one_in: int = 1) -> list[bytes | None]:
        """Read in shadow mode and wait for what is compared."""
        shadow = Shadow(self.engine, judge, one_in=one_in)
        found = [await shadow.read(self.operation, {}, self.signed_in) for _ in range(times)]
        await shadow.wait_for_comparisons()
        return [None if one is None else one.data for one in found]


@pytest.fixture
async def scene(company: Company, sides: ReadPaths) -> Scene:
    async with asking(sides.planned, company.owner.token):
        pass
    reader = sides.planned.reader
    assert reader is not None
    caller = reader.caller(f"Bearer {company.owner.token}")
    found = sides.planned.schema.checked_query(SITES, None, {})
    assert caller is not None
    assert found is not None
    return Scene(sides.engine, found[0], caller.signed_in)


async def test_one_answer_in_so_many_is_compared(scene: Scene) -> None:
    (own,) = await scene.read(Judge([None]), one_in=99)
    judge = Judge([own])
    assert await scene.read(judge, times=10, one_in=3) == [own] * 10
    assert judge.asked == [scene.operation] * 3
    assert scene.engine.counts["shadow: agreed"] == 3


async def test_a_plan_that_differs_twice_is_given_up(scene: Scene) -> None:
    with capture_logs() as logs:
        (own,) = await scene.read(judge := Judge([OTHER]))
    assert own is not None
    assert len(judge.asked) == 2
    assert scene.engine.counts["shadow: differed"] == 1
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("plan_differs", "error")]
    assert await scene.engine.read(scene.operation, {}, scene.signed_in) is None
    assert scene.engine.counts["differed from the resolver path"] == 1


async def test_a_plan_is_given_up_where_the_reference_has_errors(scene: Scene) -> None:
    await scene.read(Judge([None]))
    assert scene.engine.counts["shadow: differed"] == 1


async def test_what_differs_only_once_is_kept(scene: Scene) -> None:
    (own,) = await scene.read(Judge([None]), one_in=99)
    await scene.read(Judge([OTHER, own]))
    assert scene.engine.counts["shadow: agreed"] == 1
    assert await scene.read(Judge([own])) == [own]


async def test_rows_that_change_meanwhile_give_nothing_up(
    company: Company, api: Client, scene: Scene
) -> None:
    codes = iter("ABCDEF")

    async def change() -> None:
        await api.do("siteCreate", code=next(codes), name="New")

    await scene.read(Judge([OTHER], change))
    assert scene.engine.counts["shadow: rows changed"] == 1
    assert scene.engine.counts["shadow: differed"] == 0
    assert await scene.read(Judge([OTHER]), one_in=99) != [None]


async def test_the_client_does_not_wait_for_the_comparison(scene: Scene) -> None:
    gate = asyncio.Event()
    shadow = Shadow(scene.engine, judge := Judge([OTHER], gate.wait), one_in=1)
    async with asyncio.timeout(2):
        answered = await shadow.read(scene.operation, {}, scene.signed_in)
    assert answered is not None
    await asyncio.sleep(0)
    assert len(judge.asked) == 1
    gate.set()
    await shadow.wait_for_comparisons()


async def test_the_real_reference_agrees(library: Company, apart: Apart) -> None:
    application = apart(shadow_one_in=1)
    documents = (SITES, "{ standards { nodes { code clauses { totalCount } } } }", "{ __typename }")
    async with asking(application, library.owner.token) as asker:
        for document in documents:
            assert (await asker.ask(document)).reason is None
    reader, engine = application.reader, application.planned
    assert reader is not None
    assert engine is not None
    assert isinstance(reader.planned, Shadow)
    await reader.planned.wait_for_comparisons()
    assert engine.counts == {"planned": 3, "shadow: agreed": 3}


async def test_what_is_given_up_is_answered_by_the_resolvers_alone(
    library: Company, apart: Apart, sent: list[Sent]
) -> None:
    """No part of it is planned any more: the part that was wrong may be any."""
    application = apart()
    engine = application.planned
    assert engine is not None
    found = application.schema.checked_query(SITES, None, {})
    assert found is not None
    async with asking(application, library.owner.token) as asker:
        before = await asker.ask(SITES)
        await asyncio.sleep(0)  # the driver notes a statement once it has been answered
        assert [one.text for one in sent if one.text in before.sql] == before.sql
        engine.disable(found[0])
        sent.clear()
        after = await asker.ask(SITES)
        await asyncio.sleep(0)
    assert after.reason == "differed from the resolver path"
    assert after.data == before.data
    assert not [one.text for one in sent if "convert_to" in one.text]
