"""Batching: fewer statements, the right result for each request, exceptions shared."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from math import ceil

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.kit.batching import MAX_RUNNING, RequestBatcher
from qgp.kit.policy import Role
from tests.company import Company
from tests.engine.conftest import Apart
from tests.engine.read_paths import PathClient, Sent, client_of
from tests.http.serving import until

SITE = "query ($id: ID!) { site(by: {id: $id}) { id code parent { code } viewerCanUpdate } }"
CODES = "{ sites(first: 60) { nodes { id code parent { code } viewerCanUpdate } } }"


class Squares:
    """Answers with the square of a number once `open` is set."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()

    async def __call__(self, asks: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(asks))
        await self.open.wait()
        return [ask * ask for ask in asks]


def waiting(
    batches: RequestBatcher[int, int],
    answer: Callable[[Sequence[int]], Awaitable[Sequence[int]]],
    count: int,
    group: str = "squares",
) -> list[asyncio.Task[int]]:
    """Submit that many requests at once."""
    return [asyncio.ensure_future(batches.submit(group, number, answer)) for number in range(count)]


async def settle() -> None:
    """Run all tasks that can run."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_requests_that_arrive_during_a_batch_form_the_next_one() -> None:
    batches, answer = RequestBatcher[int, int](64), Squares()
    early = []
    for _ in range(MAX_RUNNING):
        early += waiting(batches, answer, 1)
        await settle()
    late = waiting(batches, answer, 50)
    await settle()
    assert answer.batches == [[0]] * MAX_RUNNING
    answer.open.set()
    assert await asyncio.gather(*early, *late) == [0] * MAX_RUNNING + [n * n for n in range(50)]
    assert answer.batches == [[0]] * MAX_RUNNING + [list(range(50))]


async def test_a_batch_is_no_larger_than_its_maximum() -> None:
    batches, answer = RequestBatcher[int, int](20), Squares()
    tasks = waiting(batches, answer, 50)
    answer.open.set()
    assert await asyncio.gather(*tasks) == [n * n for n in range(50)]
    assert sorted(len(asks) for asks in answer.batches) == [10, 20, 20]


async def test_a_maximum_of_one_executes_each_request_alone() -> None:
    batches, answer = RequestBatcher[int, int](1), Squares()
    tasks = waiting(batches, answer, 5)
    answer.open.set()
    assert await asyncio.gather(*tasks) == [0, 1, 4, 9, 16]
    assert sorted(answer.batches) == [[0], [1], [2], [3], [4]]


async def test_groups_do_not_wait_for_each_other() -> None:
    batches, slow, quick = RequestBatcher[int, int](64), Squares(), Squares()
    held = waiting(batches, slow, 3, "slow")
    quick.open.set()
    assert await asyncio.gather(*waiting(batches, quick, 3, "quick")) == [0, 1, 4]
    assert not any(task.done() for task in held)
    slow.open.set()
    assert await asyncio.gather(*held) == [0, 1, 4]


async def test_an_exception_is_raised_for_the_whole_batch_and_not_for_the_next_one() -> None:
    async def fail(asks: Sequence[int]) -> Sequence[int]:
        raise ValueError(len(asks))

    batches = RequestBatcher[int, int](64)
    tasks = waiting(batches, fail, 5)
    errors = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(one) for one in errors] == ["5"] * 5
    await settle()
    answer = Squares()
    answer.open.set()
    assert await asyncio.gather(*waiting(batches, answer, 5)) == [0, 1, 4, 9, 16]
    assert answer.batches == [[0, 1, 2, 3, 4]]  # a new group: nothing waits from before


async def test_a_cancelled_batch_cancels_the_requests_that_wait() -> None:
    finish = asyncio.Event()

    async def cancel(asks: Sequence[int]) -> Sequence[int]:
        await finish.wait()
        raise asyncio.CancelledError

    batches = RequestBatcher[int, int](64)
    tasks = []
    for _ in range(MAX_RUNNING + 3):
        tasks += waiting(batches, cancel, 1)
        await settle()
    finish.set()
    _, left = await asyncio.wait(tasks, timeout=0.5)
    for task in left:
        task.cancel()
    assert not left


async def test_a_cancelled_request_does_not_stop_the_others_of_its_batch() -> None:
    batches, answer = RequestBatcher[int, int](64), Squares()
    first, *others = waiting(batches, answer, 5)
    await settle()
    first.cancel()
    late, *more = waiting(batches, answer, 5)
    second, *_ = waiting(batches, answer, 1)
    await settle()
    late.cancel()
    await settle()
    answer.open.set()
    assert await asyncio.gather(*others, *more, second) == [1, 4, 9, 16, 1, 4, 9, 16, 0]
    assert first.cancelled()
    assert late.cancelled()


async def test_cancelled_requests_are_not_executed() -> None:
    batches, answer = RequestBatcher[int, int](64), Squares()
    held = []
    for _ in range(MAX_RUNNING):
        held += waiting(batches, answer, 1)
        await settle()
    gone = waiting(batches, answer, 3)
    await settle()
    for task in gone:
        task.cancel()
    answer.open.set()
    assert await asyncio.gather(*held) == [0] * MAX_RUNNING
    await settle()
    assert answer.batches == [[0]] * MAX_RUNNING


async def sites(client: PathClient) -> dict[str, object]:
    """Return sites by id, as a lookup must show them."""
    nodes = (await client.ask(CODES)).data["sites"]["nodes"]
    return {node["id"]: node for node in nodes}


async def looked_up(
    application: Application, company: Company, asks: Sequence[tuple[PathClient, str]]
) -> list[object]:
    """Look sites up by id while the only connection is taken, so that all requests wait."""
    assert application.read_engine is not None
    async with application.read_engine.read_connections.acquire(company.organization_id):
        tasks = [asyncio.ensure_future(client.answer(SITE, id=id)) for client, id in asks]
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in tasks)
    return [(await task).json()["data"]["site"] for task in tasks]


def lookup_batches(sent: Sequence[Sent]) -> list[list[str]]:
    """Return the ids of each lookup statement."""
    batches = []
    for one in sent:
        if "unnest" in one.text:
            (place,) = re.findall(r"unnest\(\$(\d+)::UUID", one.text)
            batches.append([f"sit_{key.hex}" for key in one.arguments[int(place) - 1]])
    return batches


@pytest.mark.parametrize("most", [64, 10, 1])
async def test_fifty_lookups_take_few_statements_and_each_gets_its_record(
    company_with_data: Company, apart: Apart, sent: list[Sent], most: int
) -> None:
    """The first batch may be small; the others are as large as allowed."""
    application = apart(planned_connections=1, planned_batch_size=most)
    async with client_of(application, company_with_data.owner.token) as client:
        expected = dict(list((await sites(client)).items())[:50])
        await client.answer(SITE, id=next(iter(expected)))
        await settle()  # the driver reports a statement after its result
        sent.clear()
        records = await looked_up(application, company_with_data, [(client, id) for id in expected])
    assert records == list(expected.values())
    assert len(lookup_batches(sent)) <= MAX_RUNNING + ceil((50 - MAX_RUNNING) / most)
    assert sorted(id for batch in lookup_batches(sent) for id in batch if id in expected) == sorted(
        expected
    )


async def test_a_record_that_many_look_up_is_read_once(
    company_with_data: Company, apart: Apart, sent: list[Sent]
) -> None:
    application = apart(planned_connections=1)
    async with client_of(application, company_with_data.owner.token) as client:
        id, site = next(iter((await sites(client)).items()))
        sent.clear()
        records = await looked_up(application, company_with_data, [(client, id)] * 50)
    assert records == [site] * 50
    assert 1 <= len(lookup_batches(sent)) <= MAX_RUNNING + 1
    assert all(batch.count(id) == 1 for batch in lookup_batches(sent))


async def test_an_unknown_id_does_not_affect_the_others_of_its_batch(
    company_with_data: Company, other_company_with_data: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    async with (
        client_of(application, company_with_data.owner.token) as ours,
        client_of(application, other_company_with_data.owner.token) as theirs,
    ):
        visible, foreign = await sites(ours), await sites(theirs)
        pairs = list(zip(visible, foreign, strict=True))[:20]
        asks = [(ours, id) for pair in pairs for id in pair]
        records = await looked_up(application, company_with_data, asks)
    assert records == [site for id, _ in pairs for site in (visible[id], None)]


async def test_lookups_of_two_roles_are_never_batched(
    company_with_data: Company, apart: Apart, sent: list[Sent]
) -> None:
    auditor = await company_with_data.hire(Role.AUDITOR)
    application = apart(planned_connections=1)
    async with (
        client_of(application, company_with_data.owner.token) as one,
        client_of(application, auditor.token) as other,
    ):
        ids = list(await sites(one))
        first, second = ids[:20], ids[20:40]
        sent.clear()
        asks = [
            ask
            for pair in zip(first, second, strict=True)
            for ask in zip((one, other), pair, strict=True)
        ]
        records = await looked_up(application, company_with_data, asks)
    assert [site["viewerCanUpdate"] for site in records] == [True, False] * 20  # type: ignore[index]
    for batch in lookup_batches(sent):
        assert not (set(first) & set(batch) and set(second) & set(batch))


async def test_lookups_of_two_organizations_are_never_batched(
    company_with_data: Company, other_company_with_data: Company, apart: Apart, sent: list[Sent]
) -> None:
    application = apart(planned_connections=1)
    async with (
        client_of(application, company_with_data.owner.token) as ours,
        client_of(application, other_company_with_data.owner.token) as theirs,
    ):
        visible, foreign = await sites(ours), await sites(theirs)
        sent.clear()
        asks = [
            ask
            for pair in list(zip(visible, foreign, strict=True))[:20]
            for ask in zip((ours, theirs), pair, strict=True)
        ]
        records = await looked_up(application, company_with_data, asks)
    assert records == [(visible | foreign)[id] for _, id in asks]
    for batch in lookup_batches(sent):
        assert not (visible.keys() & batch and foreign.keys() & batch)


async def test_after_a_failed_batch_the_resolvers_answer_and_the_next_request_is_planned(
    company_with_data: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    assert application.read_engine is not None
    connections, counts = application.read_engine.read_connections, application.read_engine.counts
    async with client_of(application, company_with_data.owner.token) as client:
        expected = dict(list((await sites(client)).items())[:8])
        async with connections.acquire(company_with_data.organization_id) as connection:
            pid = (await connection.fetch("SELECT pg_backend_pid()", []))[0][0]
            tasks = [asyncio.ensure_future(client.answer(SITE, id=id)) for id in expected]
            await asyncio.sleep(0.1)
            async with application.engine.connect() as killer:
                ended = sa.text("SELECT pg_terminate_backend(:pid, 1000)")
                await killer.execute(ended, {"pid": pid})
        records = [(await task).json()["data"]["site"] for task in tasks]
        assert records == list(expected.values())
        assert counts["database"] >= 1
        before = counts.copy()
        assert (await client.ask(SITE, id=next(iter(expected)))).reason is None
        assert counts - before == {"planned": 1}


@pytest.mark.parametrize(("most", "running", "executions"), [(64, 1, 2), (1, 2, 20)])
async def test_equal_heavy_queries_of_two_users_are_admitted_together_unless_executed_alone(
    company_with_data: Company,
    apart: Apart,
    sent: list[Sent],
    most: int,
    running: int,
    executions: int,
) -> None:
    other_owner = await company_with_data.hire(Role.OWNER)
    application = apart(planned_connections=1, planned_batch_size=most, heavy_cost=1)
    assert application.read_engine is not None
    connections, heavy = application.read_engine.read_connections, application.admission.heavy
    async with (
        client_of(application, company_with_data.owner.token) as one,
        client_of(application, other_owner.token) as other,
    ):
        alone = [await client.answer(CODES) for client in (one, other)]
        await settle()  # the driver reports a statement after its result
        sent.clear()
        async with connections.acquire(company_with_data.organization_id):
            tasks = [asyncio.ensure_future(client.answer(CODES)) for client in [one, other] * 10]
            await until(lambda: heavy.running + heavy.waiting == 20)
            assert heavy.running == running
        answers = [await task for task in tasks]
        await settle()
    assert {answer.content for answer in answers} == {alone[0].content}
    assert len([each for each in sent if "FROM sites" in each.text]) == executions
    assert (heavy.running, heavy.waiting) == (0, 0)


async def test_cursors_are_sealed_for_the_filter_as_each_request_spells_it(
    company_with_data: Company, apart: Apart
) -> None:
    document = """query ($filter: ClauseFilter) { standard(by: {code: "ISO9001:2015"}) {
        clauses(first: 1, filter: $filter) { pageInfo { endCursor } } } }"""
    application = apart(planned_connections=1)
    assert application.read_engine is not None
    # One text to the database, which is given it composed.
    filters = [{"not": {"title": {"contains": text}}} for text in ("caf\u00e9", "cafe\u0301")]
    async with client_of(application, company_with_data.owner.token) as client:
        alone = [(await client.answer(document, filter=filter)).content for filter in filters]
        assert alone[0] != alone[1]
        async with application.read_engine.read_connections.acquire(
            company_with_data.organization_id
        ):
            tasks = [
                asyncio.ensure_future(client.answer(document, filter=filter))
                for filter in filters * 5
            ]
            await asyncio.sleep(0.1)
        assert [(await task).content for task in tasks] == alone * 5
