"""Shadow mode: comparison of planned answers with the resolvers', and disabled plans."""

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
from tests.engine.read_paths import ReadPaths, Sent, client_of

SITES = "{ sites(first: 3) { totalCount nodes { code name } } }"
OTHER = b'{"sites":{"totalCount":7,"nodes":[]}}'


@pytest.fixture
def read_paths(new_read_paths: ReadPaths) -> ReadPaths:
    """Applications with empty caches."""
    return new_read_paths


@dataclass
class FakeResolvers:
    """A resolver path that returns these answers, and then the last one."""

    answers: Sequence[bytes | None]
    meanwhile: Callable[[], Any] | None = None
    operations: list[Operation] = field(default_factory=list)

    async def __call__(
        self, operation: Operation, variables: Mapping[str, Any], signed_in: SignedIn
    ) -> bytes | None:
        self.operations.append(operation)
        if self.meanwhile is not None:
            await self.meanwhile()
        return self.answers[min(len(self.operations), len(self.answers)) - 1]


@dataclass(frozen=True)
class Reader:
    """A caller and an operation that lists sites."""

    engine: Engine
    operation: Operation
    signed_in: SignedIn

    async def read(
        self, resolvers: FakeResolvers, times: int = 1, one_in: int = 1
    ) -> list[bytes | None]:
        """Read in shadow mode and wait for the comparisons."""
        shadow = Shadow(self.engine, resolvers, one_in=one_in)
        answers = [await shadow.read(self.operation, {}, self.signed_in) for _ in range(times)]
        await shadow.wait_for_comparisons()
        return [None if one is None else one.data for one in answers]


@pytest.fixture
async def shadow_reader(company: Company, read_paths: ReadPaths) -> Reader:
    async with client_of(read_paths.planned, company.owner.token):
        pass
    reader = read_paths.planned.reader
    assert reader is not None
    caller = reader.caller(f"Bearer {company.owner.token}")
    checked = read_paths.planned.schema.checked_operation(SITES, None, {})
    assert caller is not None
    assert checked is not None
    return Reader(read_paths.engine, checked[0], caller.signed_in)


async def test_one_answer_in_so_many_is_compared(shadow_reader: Reader) -> None:
    (expected,) = await shadow_reader.read(FakeResolvers([None]), one_in=99)
    resolvers = FakeResolvers([expected])
    assert await shadow_reader.read(resolvers, times=10, one_in=3) == [expected] * 10
    assert resolvers.operations == [shadow_reader.operation] * 3
    assert shadow_reader.engine.counts["shadow: agreed"] == 3


async def test_a_plan_that_differs_twice_is_disabled(shadow_reader: Reader) -> None:
    with capture_logs() as logs:
        (answer,) = await shadow_reader.read(resolvers := FakeResolvers([OTHER]))
    assert answer is not None
    assert len(resolvers.operations) == 2
    assert shadow_reader.engine.counts["shadow: differed"] == 1
    assert [(entry["event"], entry["log_level"]) for entry in logs] == [("plan_differs", "error")]
    assert (
        await shadow_reader.engine.read(shadow_reader.operation, {}, shadow_reader.signed_in)
        is None
    )
    assert shadow_reader.engine.counts["differed from the resolver path"] == 1


async def test_a_plan_is_disabled_if_the_resolvers_have_errors(shadow_reader: Reader) -> None:
    await shadow_reader.read(FakeResolvers([None]))
    assert shadow_reader.engine.counts["shadow: differed"] == 1


async def test_a_plan_that_differs_once_is_kept(shadow_reader: Reader) -> None:
    (expected,) = await shadow_reader.read(FakeResolvers([None]), one_in=99)
    await shadow_reader.read(FakeResolvers([OTHER, expected]))
    assert shadow_reader.engine.counts["shadow: agreed"] == 1
    assert await shadow_reader.read(FakeResolvers([expected])) == [expected]


async def test_rows_that_change_meanwhile_disable_no_plan(
    company: Company, api: Client, shadow_reader: Reader
) -> None:
    codes = iter("ABCDEF")

    async def change() -> None:
        await api.do("siteCreate", code=next(codes), name="New")

    await shadow_reader.read(FakeResolvers([OTHER], change))
    assert shadow_reader.engine.counts["shadow: rows changed"] == 1
    assert shadow_reader.engine.counts["shadow: differed"] == 0
    assert await shadow_reader.read(FakeResolvers([OTHER]), one_in=99) != [None]


async def test_the_client_does_not_wait_for_the_comparison(shadow_reader: Reader) -> None:
    finish = asyncio.Event()
    shadow = Shadow(
        shadow_reader.engine, resolvers := FakeResolvers([OTHER], finish.wait), one_in=1
    )
    async with asyncio.timeout(2):
        answered = await shadow.read(shadow_reader.operation, {}, shadow_reader.signed_in)
    assert answered is not None
    await asyncio.sleep(0)
    assert len(resolvers.operations) == 1
    finish.set()
    await shadow.wait_for_comparisons()


async def test_the_resolver_path_agrees(company_with_data: Company, apart: Apart) -> None:
    application = apart(shadow_one_in=1)
    documents = (SITES, "{ standards { nodes { code clauses { totalCount } } } }", "{ __typename }")
    async with client_of(application, company_with_data.owner.token) as client:
        for document in documents:
            assert (await client.ask(document)).reason is None
    reader, engine = application.reader, application.read_engine
    assert reader is not None
    assert engine is not None
    assert isinstance(reader.engine, Shadow)
    await reader.engine.wait_for_comparisons()
    assert engine.counts == {"planned": 3, "shadow: agreed": 3}


async def test_a_disabled_document_is_answered_by_the_resolvers_alone(
    company_with_data: Company, apart: Apart, sent: list[Sent]
) -> None:
    """No part of it is planned: any part may have been wrong."""
    application = apart()
    engine = application.read_engine
    assert engine is not None
    checked = application.schema.checked_operation(SITES, None, {})
    assert checked is not None
    async with client_of(application, company_with_data.owner.token) as client:
        before = await client.ask(SITES)
        await asyncio.sleep(0)  # the driver notes a statement once it has been answered
        assert [one.text for one in sent if one.text in before.sql] == before.sql
        engine.disable(checked[0])
        sent.clear()
        after = await client.ask(SITES)
        await asyncio.sleep(0)
    assert after.reason == "differed from the resolver path"
    assert after.data == before.data
    assert not [one.text for one in sent if "convert_to" in one.text]
