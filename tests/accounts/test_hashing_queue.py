from contextlib import ExitStack

import pytest

from qgp.authentication.hashing_queue import HashingQueue
from qgp.authentication.origins import Origin
from qgp.kit.errors import RateLimited

HERE, THERE = "203.0.113.7", "198.51.100.7"


def test_an_address_has_two_turns_wherever_it_asks_from() -> None:
    turns = HashingQueue()
    with turns.taken(Origin.of("a@b.c", HERE)), turns.taken(Origin.of("a@b.c", THERE)):
        with pytest.raises(RateLimited) as refusal, turns.taken(Origin.of("a@b.c", HERE)):
            raise AssertionError
        with turns.taken(Origin.of("d@b.c", HERE)):
            pass
    assert refusal.value.seconds == 2


def test_a_network_has_four_turns_whoever_asks() -> None:
    turns = HashingQueue()
    with ExitStack() as stack:
        for number in range(4):
            stack.enter_context(turns.taken(Origin.of(f"{number}@b.c", HERE)))
        with pytest.raises(RateLimited), turns.taken(Origin.of("4@b.c", HERE)):
            raise AssertionError
        with turns.taken(Origin.of("4@b.c", THERE)):
            pass


def test_a_turn_comes_back_also_after_a_failure() -> None:
    turns = HashingQueue()
    for _ in range(5):
        with pytest.raises(ValueError, match="x"), turns.taken(Origin.of("a@b.c", HERE)):
            raise ValueError("x")
