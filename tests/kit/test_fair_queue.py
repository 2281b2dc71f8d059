"""Turns are given in rotation, within the bounds of each principal and each address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from qgp.kit.errors import RateLimited
from qgp.kit.fair_queue import Bounds, FairQueue, Requester

ANN, BOB, CARL = (Requester(name, "10.0.0.1") for name in ("ann", "bob", "carl"))


class Office:
    """A queue, and the order in which requests had their turn."""

    def __init__(self, **bounds: int | float) -> None:
        self.queue = FairQueue(Bounds(**bounds))  # type: ignore[arg-type]  # numbers, as declared
        self.order: list[str] = []

    async def work(self, requester: Requester, name: str) -> None:
        async with self.queue.turn(requester):
            self.order.append(name)
            await asyncio.sleep(0)

    def send(self, requester: Requester, *names: str) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.work(requester, name)) for name in names]


@asynccontextmanager
async def held(queue: FairQueue, *requesters: Requester) -> AsyncIterator[None]:
    """Hold turns within the block."""
    for requester in requesters:
        assert queue.enter_now(requester)
    yield
    for requester in requesters:
        queue.leave(requester)


async def settled() -> None:
    """Let every task go as far as it can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_principals_are_served_in_rotation_not_in_the_order_of_their_requests() -> None:
    office = Office(total=1)
    async with held(office.queue, ANN):
        tasks = office.send(ANN, "a1", "a2", "a3") + office.send(BOB, "b1", "b2")
        tasks += office.send(CARL, "c1")
        await settled()
        assert (office.order, office.queue.waiting) == ([], 6)
    await asyncio.gather(*tasks)
    assert office.order == ["a1", "b1", "c1", "a2", "b2", "a3"]
    assert (office.queue.running, office.queue.waiting) == (0, 0)


async def test_one_principal_holds_its_share_and_leaves_the_rest_to_others() -> None:
    office = Office(total=3, per_principal=2)
    async with held(office.queue, ANN, ANN):
        assert not office.queue.enter_now(ANN)
        waiting = office.send(ANN, "a")
        await settled()
        async with held(office.queue, BOB):
            assert not office.queue.enter_now(CARL)
        assert office.order == []
    await asyncio.gather(*waiting)
    assert office.order == ["a"]


async def test_an_address_has_a_share_of_its_own() -> None:
    office = Office(total=4, per_principal=2, per_address=2)
    elsewhere = Requester("carl", "10.0.0.2")
    async with held(office.queue, ANN, BOB, elsewhere):
        assert not office.queue.enter_now(CARL)
        assert office.queue.enter_now(elsewhere)
        office.queue.leave(elsewhere)


async def test_a_request_beyond_the_queue_is_refused_with_retry_after() -> None:
    office = Office(total=1, waiting=2, seconds=60)
    async with held(office.queue, ANN):
        waiting = office.send(ANN, "a1", "a2")
        await settled()
        with pytest.raises(RateLimited, match="2 may wait, for 60 seconds") as refused:
            await office.queue.enter(ANN)
        assert refused.value.extensions["retryAfter"] == 2
        others = office.send(BOB, "b1", "b2")  # four wait from the address, twice as many as may
        await settled()
        with pytest.raises(RateLimited):
            await office.queue.enter(CARL)
    await asyncio.gather(*waiting, *others)
    assert (office.order, office.queue.refused) == (["a1", "b1", "a2", "b2"], 2)


async def test_who_has_waited_too_long_is_refused_and_holds_nothing() -> None:
    office = Office(total=1, seconds=0.01)
    async with held(office.queue, ANN):
        with pytest.raises(RateLimited):
            await office.queue.enter(BOB)
        assert (office.queue.running, office.queue.waiting) == (1, 0)
    assert office.queue.enter_now(BOB)


async def test_who_gives_up_makes_way_for_who_stands_behind() -> None:
    office = Office(total=1)
    async with held(office.queue, ANN):
        first, second = office.send(BOB, "b1", "b2")
        await settled()
        first.cancel()
    await second
    assert (office.order, office.queue.running, office.queue.waiting) == (["b2"], 0, 0)


async def test_a_turn_given_to_who_has_just_given_up_is_given_on() -> None:
    office = Office(total=1)
    async with held(office.queue, ANN):
        first, second = office.send(BOB, "b1") + office.send(CARL, "c1")
        await settled()
    first.cancel()  # its turn has been given, and not yet been taken
    await second
    assert (office.order, office.queue.running) == (["c1"], 0)


async def test_a_line_whose_head_is_held_up_by_its_address_goes_on_when_it_gives_up() -> None:
    office = Office(total=4, per_address=1)
    near, far = Requester("bob", "10.0.0.1"), Requester("bob", "10.0.0.2")
    async with held(office.queue, ANN):
        first, second = office.send(near, "b1") + office.send(far, "b2")
        await settled()
        first.cancel()
        await second
    assert office.order == ["b2"]


def wanting(requester: Requester, operation: str) -> Requester:
    """Return the requester of an operation that equal requests share."""
    return requester._replace(operation=operation)


async def test_equal_operations_that_wait_share_one_slot_until_the_last_has_left() -> None:
    queue = FairQueue(Bounds(total=2, per_principal=1))
    equal = [wanting(ANN, "report"), wanting(ANN, "report"), wanting(BOB, "report")]
    different = wanting(CARL, "audit")
    async with held(queue, ANN, CARL):
        entered = [asyncio.create_task(queue.enter(each)) for each in (*equal, different)]
        await settled()
        assert (queue.running, queue.waiting) == (2, 4)
    await asyncio.gather(*entered)
    assert (queue.running, queue.waiting) == (2, 0)
    for requester in equal:
        assert (queue.running, queue.enter_now(ANN)) == (2, False)
        queue.leave(requester)
    assert (queue.running, queue.enter_now(ANN)) == (1, True)


async def test_an_operation_that_holds_a_slot_is_not_joined_and_takes_no_second_one() -> None:
    office = Office(total=2)
    async with held(office.queue, wanting(ANN, "report")):
        tasks = office.send(wanting(BOB, "report"), "b") + office.send(wanting(ANN, "report"), "a")
        await settled()
        assert (office.order, office.queue.running, office.queue.waiting) == ([], 1, 2)
        assert office.queue.enter_now(CARL)
    await asyncio.gather(*tasks)
    assert (sorted(office.order), office.queue.running) == (["a", "b"], 1)


async def test_who_shares_a_slot_keeps_the_place_of_what_it_wants_besides() -> None:
    office = Office(total=1)
    async with held(office.queue, ANN):
        tasks = office.send(wanting(BOB, "report"), "b1") + office.send(BOB, "b2")
        tasks += office.send(wanting(CARL, "report"), "c1") + office.send(CARL, "c2")
        await settled()
    await asyncio.gather(*tasks)
    assert office.order == ["c1", "b1", "c2", "b2"]


async def test_a_slot_that_is_returned_within_its_block_is_returned_once() -> None:
    queue = FairQueue(Bounds(total=1))
    async with queue.turn(ANN) as slot:
        slot.leave()
        async with queue.turn(BOB):
            slot.leave()
            assert queue.running == 1
    assert queue.running == 0


@pytest.mark.parametrize("gone", [0, 1])
async def test_a_shared_slot_is_kept_for_the_others_when_one_gives_up(gone: int) -> None:
    queue = FairQueue(Bounds(total=1))
    report = wanting(BOB, "report")
    async with held(queue, ANN):
        entered = [asyncio.create_task(queue.enter(report)) for _ in range(3)]
        await settled()
    entered[gone].cancel()  # it has been granted, and not yet been taken
    await asyncio.wait(entered)
    queue.leave(report)
    assert (queue.running, queue.enter_now(CARL)) == (1, False)
    queue.leave(report)
    assert queue.running == 0


async def test_an_operation_that_has_room_takes_those_along_that_wait_behind_others() -> None:
    queue = FairQueue(Bounds(total=2, per_principal=1))
    async with held(queue, ANN):
        waiting = asyncio.create_task(queue.enter(wanting(ANN, "report")))
        await settled()
        assert queue.enter_now(wanting(BOB, "report"))
        await waiting
    queue.leave(wanting(BOB, "report"))
    assert queue.running == 1
    queue.leave(wanting(ANN, "report"))
    assert queue.running == 0
