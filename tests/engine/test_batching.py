"""Requests that leave together: fewer statements, each with its own answer, failures shared."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from math import ceil

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.engine.batching import MAX_RUNNING, RequestBatcher
from qgp.kit.policy import Role
from tests.company import Company
from tests.engine.conftest import Apart
from tests.engine.read_paths import PathClient, Sent, asking

SITE = "query ($id: ID!) { site(by: {id: $id}) { id code parent { code } viewerCanUpdate } }"
CODES = "{ sites(first: 60) { nodes { id code parent { code } viewerCanUpdate } } }"


class Counter:
    """Answers with the square of a number, when it is let."""

    def __init__(self) -> None:
        self.asked: list[list[int]] = []
        self.open = asyncio.Event()

    async def __call__(self, asks: Sequence[int]) -> Sequence[int]:
        self.asked.append(list(asks))
        await self.open.wait()
        return [ask * ask for ask in asks]


def waiting(
    batches: RequestBatcher[int, int],
    answer: Callable[[Sequence[int]], Awaitable[Sequence[int]]],
    count: int,
    group: str = "squares",
) -> list[asyncio.Task[int]]:
    """Let that many ask at once."""
    return [asyncio.ensure_future(batches.submit(group, number, answer)) for number in range(count)]


async def settle() -> None:
    """Let everything happen that waits for nothing."""
    for _ in range(10):
        await asyncio.sleep(0)


async def test_who_comes_while_statements_are_under_way_leaves_with_the_next() -> None:
    batches, answer = RequestBatcher[int, int](64), Counter()
    early = []
    for _ in range(MAX_RUNNING):
        early += waiting(batches, answer, 1)
        await settle()
    late = waiting(batches, answer, 50)
    await settle()
    assert answer.asked == [[0]] * MAX_RUNNING
    answer.open.set()
    assert await asyncio.gather(*early, *late) == [0] * MAX_RUNNING + [n * n for n in range(50)]
    assert answer.asked == [[0]] * MAX_RUNNING + [list(range(50))]


async def test_no_more_leave_together_than_are_allowed() -> None:
    batches, answer = RequestBatcher[int, int](20), Counter()
    tasks = waiting(batches, answer, 50)
    answer.open.set()
    assert await asyncio.gather(*tasks) == [n * n for n in range(50)]
    assert sorted(len(asks) for asks in answer.asked) == [10, 20, 20]


async def test_everybody_goes_alone_where_one_is_the_most() -> None:
    batches, answer = RequestBatcher[int, int](1), Counter()
    tasks = waiting(batches, answer, 5)
    answer.open.set()
    assert await asyncio.gather(*tasks) == [0, 1, 4, 9, 16]
    assert sorted(answer.asked) == [[0], [1], [2], [3], [4]]


async def test_groups_do_not_wait_for_each_other() -> None:
    batches, slow, quick = RequestBatcher[int, int](64), Counter(), Counter()
    held = waiting(batches, slow, 3, "slow")
    quick.open.set()
    assert await asyncio.gather(*waiting(batches, quick, 3, "quick")) == [0, 1, 4]
    assert not any(task.done() for task in held)
    slow.open.set()
    assert await asyncio.gather(*held) == [0, 1, 4]


async def test_a_failure_is_everybodys_and_is_forgotten_with_its_group() -> None:
    async def fail(asks: Sequence[int]) -> Sequence[int]:
        raise ValueError(len(asks))

    batches = RequestBatcher[int, int](64)
    tasks = waiting(batches, fail, 5)
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert [str(one) for one in found] == ["5"] * 5
    await settle()
    answer = Counter()
    answer.open.set()
    assert await asyncio.gather(*waiting(batches, answer, 5)) == [0, 1, 4, 9, 16]
    assert answer.asked == [[0, 1, 2, 3, 4]]  # a new group: nothing waits from before


async def test_a_cancelled_statement_leaves_nobody_waiting_for_ever() -> None:
    gate = asyncio.Event()

    async def torn(asks: Sequence[int]) -> Sequence[int]:
        await gate.wait()
        raise asyncio.CancelledError

    batches = RequestBatcher[int, int](64)
    tasks = []
    for _ in range(MAX_RUNNING + 3):
        tasks += waiting(batches, torn, 1)
        await settle()
    gate.set()
    _, left = await asyncio.wait(tasks, timeout=0.5)
    for task in left:
        task.cancel()
    assert not left


async def test_whoever_gives_up_waiting_does_not_stop_the_others() -> None:
    batches, answer = RequestBatcher[int, int](64), Counter()
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


async def test_nothing_is_asked_for_those_who_have_all_gone() -> None:
    batches, answer = RequestBatcher[int, int](64), Counter()
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
    assert answer.asked == [[0]] * MAX_RUNNING


async def sites(asker: PathClient) -> dict[str, object]:
    """Return sites by id, as they are to be found."""
    nodes = (await asker.ask(CODES)).data["sites"]["nodes"]
    return {node["id"]: node for node in nodes}


async def looked_up(
    application: Application, company: Company, asks: Sequence[tuple[PathClient, str]]
) -> list[object]:
    """Let all ask for a site by id while the one connection is taken, so that nobody gets ahead."""
    assert application.planned is not None
    async with application.planned.read_connections.acquire(company.organization_id):
        tasks = [asyncio.ensure_future(asker.answer(SITE, id=id)) for asker, id in asks]
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in tasks)
    return [(await task).json()["data"]["site"] for task in tasks]


def lots(sent: Sequence[Sent]) -> list[list[str]]:
    """Return the ids that each statement of a look-up was sent with."""
    found = []
    for one in sent:
        if "unnest" in one.text:
            (place,) = re.findall(r"unnest\(\$(\d+)::UUID", one.text)
            found.append([f"sit_{key.hex}" for key in one.arguments[int(place) - 1]])
    return found


@pytest.mark.parametrize("most", [64, 10, 1])
async def test_fifty_look_ups_take_few_statements_and_everybody_gets_their_own(
    library: Company, apart: Apart, sent: list[Sent], most: int
) -> None:
    """Some may have left before all have come; the others leave as full as they may."""
    application = apart(planned_connections=1, planned_batch_size=most)
    async with asking(application, library.owner.token) as asker:
        known = dict(list((await sites(asker)).items())[:50])
        await asker.answer(SITE, id=next(iter(known)))
        await settle()  # the driver tells of a statement when it has answered
        sent.clear()
        found = await looked_up(application, library, [(asker, id) for id in known])
    assert found == list(known.values())
    assert len(lots(sent)) <= MAX_RUNNING + ceil((50 - MAX_RUNNING) / most)
    assert sorted(id for lot in lots(sent) for id in lot if id in known) == sorted(known)


async def test_one_record_asked_for_by_many_is_looked_for_once(
    library: Company, apart: Apart, sent: list[Sent]
) -> None:
    application = apart(planned_connections=1)
    async with asking(application, library.owner.token) as asker:
        id, site = next(iter((await sites(asker)).items()))
        sent.clear()
        found = await looked_up(application, library, [(asker, id)] * 50)
    assert found == [site] * 50
    assert 1 <= len(lots(sent)) <= MAX_RUNNING + 1
    assert all(lot.count(id) == 1 for lot in lots(sent))


async def test_an_id_that_leads_nowhere_leads_nobody_else_astray(
    library: Company, rival: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    async with (
        asking(application, library.owner.token) as here,
        asking(application, rival.owner.token) as there,
    ):
        own, foreign = await sites(here), await sites(there)
        pairs = list(zip(own, foreign, strict=True))[:20]
        asks = [(here, id) for pair in pairs for id in pair]
        found = await looked_up(application, library, asks)
    assert found == [site for id, _ in pairs for site in (own[id], None)]


async def test_two_roles_are_never_asked_for_together(
    library: Company, apart: Apart, sent: list[Sent]
) -> None:
    auditor = await library.hire(Role.AUDITOR)
    application = apart(planned_connections=1)
    async with (
        asking(application, library.owner.token) as one,
        asking(application, auditor.token) as other,
    ):
        known = list(await sites(one))
        first, second = known[:20], known[20:40]
        sent.clear()
        asks = [
            ask
            for pair in zip(first, second, strict=True)
            for ask in zip((one, other), pair, strict=True)
        ]
        found = await looked_up(application, library, asks)
    assert [site["viewerCanUpdate"] for site in found] == [True, False] * 20  # type: ignore[index]
    for lot in lots(sent):
        assert not (set(first) & set(lot) and set(second) & set(lot))


async def test_two_organizations_are_never_asked_for_together(
    library: Company, rival: Company, apart: Apart, sent: list[Sent]
) -> None:
    application = apart(planned_connections=1)
    async with (
        asking(application, library.owner.token) as here,
        asking(application, rival.owner.token) as there,
    ):
        own, foreign = await sites(here), await sites(there)
        sent.clear()
        asks = [
            ask
            for pair in list(zip(own, foreign, strict=True))[:20]
            for ask in zip((here, there), pair, strict=True)
        ]
        found = await looked_up(application, library, asks)
    assert found == [(own | foreign)[id] for _, id in asks]
    for lot in lots(sent):
        assert not (own.keys() & lot and foreign.keys() & lot)


async def test_a_statement_that_fails_lets_the_reference_answer_everybody_and_the_next_is_planned(
    library: Company, apart: Apart
) -> None:
    application = apart(planned_connections=1)
    assert application.planned is not None
    connections, counts = application.planned.read_connections, application.planned.counts
    async with asking(application, library.owner.token) as asker:
        known = dict(list((await sites(asker)).items())[:8])
        async with connections.acquire(library.organization_id) as connection:
            pid = (await connection.fetch("SELECT pg_backend_pid()", []))[0][0]
            tasks = [asyncio.ensure_future(asker.answer(SITE, id=id)) for id in known]
            await asyncio.sleep(0.1)
            async with application.engine.connect() as killer:
                ended = sa.text("SELECT pg_terminate_backend(:pid, 1000)")
                await killer.execute(ended, {"pid": pid})
        found = [(await task).json()["data"]["site"] for task in tasks]
        assert found == list(known.values())
        assert counts["database"] >= 1
        before = counts.copy()
        assert (await asker.ask(SITE, id=next(iter(known)))).reason is None
        assert counts - before == {"planned": 1}


async def test_cursors_are_sealed_for_the_filter_as_each_has_written_it(
    library: Company, apart: Apart
) -> None:
    document = """query ($filter: ClauseFilter) { standard(by: {code: "ISO9001:2015"}) {
        clauses(first: 1, filter: $filter) { pageInfo { endCursor } } } }"""
    application = apart(planned_connections=1)
    assert application.planned is not None
    # One text to the database, which is given it composed.
    filters = [{"not": {"title": {"contains": text}}} for text in ("caf\u00e9", "cafe\u0301")]
    async with asking(application, library.owner.token) as asker:
        alone = [(await asker.answer(document, filter=filter)).content for filter in filters]
        assert alone[0] != alone[1]
        async with application.planned.read_connections.acquire(library.organization_id):
            tasks = [
                asyncio.ensure_future(asker.answer(document, filter=filter))
                for filter in filters * 5
            ]
            await asyncio.sleep(0.1)
        assert [(await task).content for task in tasks] == alone * 5
