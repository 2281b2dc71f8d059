"""References: gapless and distinct, whoever writes at the same time."""

import asyncio
import random
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import ClassVar

import pytest

from qgp.kit import clock, reference_numbers
from qgp.kit.reference_numbers import Numbered, number
from qgp.kit.session import Scope
from tests.company import Client, Company, Hiring
from tests.kit.work import run, work_of


class Memo(Numbered):
    """Numbered, and no table: what takes its number is the counter's row."""

    reference_prefix: ClassVar[str] = "MEMO"

    def __init__(self, reference: str | None = None) -> None:
        self.reference = reference  # type: ignore[assignment]  # as a row is before its flush


class Undone(Exception):
    """Rolls a transaction back."""


async def take(company: Company, *memos: Memo) -> list[str]:
    scope = Scope(company.organization_id)
    async with company.application.database.write(scope) as session:
        await session.run_sync(lambda sync: number(sync, memos))
        await asyncio.sleep(0)
    return [memo.reference for memo in memos]


async def test_references_count_from_one_within_prefix_and_year(company: Company) -> None:
    with clock.fixed(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)):
        assert await take(company, Memo(), Memo()) == ["MEMO-2026-0001", "MEMO-2026-0002"]
    with clock.fixed(datetime(2027, 1, 1, tzinfo=UTC)):
        assert await take(company, Memo()) == ["MEMO-2027-0001"]


async def test_a_reference_that_was_given_is_kept(company: Company) -> None:
    assert await take(company, Memo("MEMO-1999-0007")) == ["MEMO-1999-0007"]


async def test_what_is_rolled_back_gives_its_number_back(company: Company) -> None:
    year = clock.now().year
    with suppress(Undone):
        async with company.application.database.write(Scope(company.organization_id)) as session:
            await session.run_sync(lambda sync: number(sync, [Memo()]))
            raise Undone
    assert await take(company, Memo()) == [f"MEMO-{year}-0001"]


async def test_fifty_at_once_take_fifty_numbers_without_a_gap(company: Company) -> None:
    year = clock.now().year
    taken = await asyncio.gather(*[take(company, Memo()) for _ in range(50)])
    assert sorted(reference for (reference,) in taken) == [
        f"MEMO-{year}-{place:04d}" for place in range(1, 51)
    ]


async def test_each_organization_counts_for_itself(company: Company, hire: Hiring) -> None:
    year = clock.now().year
    await take(company, Memo(), Memo())
    assert await take(await hire.company(), Memo()) == [f"MEMO-{year}-0001"]


async def test_the_ten_thousandth_has_five_digits(company: Company) -> None:
    year = clock.now().year
    await take(company, *[Memo() for _ in range(3)])
    await set_counter(company, 9_999)
    assert await take(company, Memo()) == [f"MEMO-{year}-10000"]


async def set_counter(company: Company, taken: int) -> None:
    await run(company, "UPDATE reference_counters SET taken = :taken", taken=taken)


async def test_who_waits_longer_than_for_one_lock_tries_again(
    company: Company, api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The counter is locked for longer while an import is committed."""
    fields = {"grade": "OFI", "sourceType": "PROCESS", "title": "Meanwhile"}
    database, has_waited = company.application.database, asyncio.Event()

    def pause(*_: float) -> float:
        has_waited.set()
        return 0.01

    monkeypatch.setattr(random, "uniform", pause)
    monkeypatch.setattr(database, "timeouts", replace(database.timeouts, lock_ms=200))
    async with work_of(company) as work:
        assert await reference_numbers.take(work.session, "OFI") == "OFI-2026-0001"
        create = api.do("findingCreate", "finding { reference }", **fields)
        creating = asyncio.create_task(create)
        await has_waited.wait()
    assert (await creating)["finding"]["reference"] == "OFI-2026-0002"
