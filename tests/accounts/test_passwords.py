import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from argon2 import PasswordHasher, extract_parameters

from qgp.authentication.passwords import AT_ONCE, QUEUED, Hasher, Proof, check_fit
from qgp.kit.errors import Invalid, Unavailable

EMAIL = "anna.schmidt@people.example"
CHEAP: dict[str, Any] = {"memory_kib": 8, "passes": 1, "lanes": 1}


@pytest.mark.parametrize(
    "password", ["try-the-demo", "a rather long sentence", "ÄÖÜ" * 2 + "xyz" * 9]
)
def test_a_password_is_fit_whatever_its_characters_are(password: str) -> None:
    check_fit(password, email=EMAIL)


@pytest.mark.parametrize("length", [0, 11, 129])
def test_a_password_has_12_to_128_characters(length: int) -> None:
    with pytest.raises(Invalid, match="12 to 128"):
        check_fit("correct horse battery "[:length].ljust(length, "é"), email=EMAIL)


def test_the_length_is_counted_after_composition() -> None:
    with pytest.raises(Invalid, match="12 to 128"):
        check_fit("e\u0301" * 6 + "a\u0308" * 5, email=EMAIL)


@pytest.mark.parametrize(
    "password",
    [
        "leavemealone",
        "LeaveMeAlone",
        "Password2026!",
        "2026-iloveyou",
        "passwordpassword",
        "aaaaaaaaaaaa",
        "123123123123",
        "192837465564738",
    ],
)
def test_a_common_password_is_refused_also_with_decoration(password: str) -> None:
    with pytest.raises(Invalid, match="most common ones") as refusal:
        check_fit(password, "newPassword", email=EMAIL)
    assert refusal.value.path == ("newPassword",)
    assert password not in refusal.value.message


@pytest.mark.parametrize(
    "password",
    [
        EMAIL,
        EMAIL.upper(),
        "Anna.Schmidt",
        "anna.schmidt2026!",
        f"!!{EMAIL}!!",
    ],
)
def test_the_address_of_the_account_is_no_password(password: str) -> None:
    with pytest.raises(Invalid, match="address") as refusal:
        check_fit(password, "newPassword", email=EMAIL)
    assert refusal.value.path == ("newPassword",)
    check_fit(password, email="somebody.else@people.example")


@pytest.mark.parametrize("letter", ["\0", "\ud800", "\n"])
def test_a_password_has_no_character_that_nobody_can_type(letter: str) -> None:
    with pytest.raises(Invalid, match="control characters"):
        check_fit("a rather long" + letter + "sentence", email=EMAIL)


async def test_only_the_same_password_is_right_in_either_form_of_unicode() -> None:
    hasher = Hasher(**CHEAP)
    stored = await hasher.hash("caf\u00e9 au lait, s'il te plait")
    assert await hasher.check(stored, "cafe\u0301 au lait, s'il te plait") == Proof(is_right=True)
    assert await hasher.check(stored, "cafe au lait, s'il te plait") == Proof(is_right=False)


@pytest.mark.parametrize("password", ["", "x" * 500, "\ud800"])
async def test_nobodys_password_is_never_right(password: str) -> None:
    assert await Hasher(**CHEAP).check(None, password) == Proof(is_right=False)


@pytest.mark.parametrize("password", ["x" * 513, "a" + "\u0301\u0316" * 15_500])
async def test_a_password_that_is_no_password_is_not_even_hashed(password: str) -> None:
    with pytest.raises(Invalid):
        await Hasher(**CHEAP).check(None, password)
    with pytest.raises(Invalid):
        check_fit(password, email=EMAIL)


async def test_a_hash_of_former_parameters_comes_back_renewed() -> None:
    hasher = Hasher(memory_kib=16, passes=1, lanes=1)
    stored = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("a long sentence")
    proof = await hasher.check(stored, "a long sentence")
    assert proof.is_right
    assert proof.fresh is not None
    assert extract_parameters(proof.fresh).memory_cost == 16
    assert await hasher.check(proof.fresh, "a long sentence") == Proof(is_right=True)


async def test_the_default_cost_is_64_mebibytes_three_passes_four_lanes() -> None:
    parameters = extract_parameters(await Hasher().hash("a long sentence"))
    assert (
        parameters.type.name,
        parameters.memory_cost,
        parameters.time_cost,
        parameters.parallelism,
    ) == (
        "ID",
        65_536,
        3,
        4,
    )


@pytest.fixture
def may_hash(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Event that every hash waits for: until then whoever has a thread keeps it."""
    event = threading.Event()
    hash_at_once = PasswordHasher.hash

    def hash_later(hasher: PasswordHasher, password: bytes) -> str:
        event.wait()
        return hash_at_once(hasher, password)

    monkeypatch.setattr(PasswordHasher, "hash", hash_later)
    yield event
    event.set()  # ends the threads of a test that failed


async def _begin(hasher: Hasher, count: int) -> list[asyncio.Task[str]]:
    """Start so many hashes, and return once each is queued or refused."""
    hashes = [asyncio.create_task(hasher.hash("a long sentence")) for _ in range(count)]
    await asyncio.sleep(0)
    return hashes


async def test_the_queue_is_bounded_and_empties_again(may_hash: threading.Event) -> None:
    hasher = Hasher(**CHEAP)
    crowd = await _begin(hasher, AT_ONCE + QUEUED + 5)
    may_hash.set()
    outcomes = await asyncio.gather(*crowd, return_exceptions=True)
    assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) == 5
    assert sum(isinstance(outcome, str) for outcome in outcomes) == AT_ONCE + QUEUED
    assert isinstance(await hasher.hash("a long sentence"), str)


async def test_who_gives_up_waiting_leaves_the_queue(may_hash: threading.Event) -> None:
    hasher = Hasher(**CHEAP)
    crowd = await _begin(hasher, AT_ONCE + QUEUED)
    hashing, waiting = crowd[:AT_ONCE], crowd[AT_ONCE:]
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    assert all(one.cancelled() for one in waiting)
    again = await _begin(hasher, QUEUED)
    may_hash.set()
    outcomes = await asyncio.gather(*hashing, *again)
    assert sum(isinstance(outcome, str) for outcome in outcomes) == AT_ONCE + QUEUED


async def test_the_event_loop_goes_on_while_a_password_is_hashed() -> None:
    hashing = asyncio.ensure_future(Hasher().hash("a long sentence"))
    turns = 0
    while not hashing.done():
        await asyncio.sleep(0.001)
        turns += 1
    assert turns >= 5
