"""References: gapless and distinct, whoever writes at the same time."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.findings.model import Finding
from qgp.kit import clock, reference_numbers
from qgp.kit.audit import AuditEntry
from qgp.kit.audit_verification import first_broken
from qgp.kit.outbox import OutboxEvent
from qgp.kit.session import Scope
from qgp.kit.work import Work
from qgp.organizations.model import Site
from tests import factories
from tests.company import Client, Company, Hiring
from tests.kit.work import run, work_of


class Undone(Exception):
    """Rolls a transaction back."""


async def take(company: Company, count: int = 1, **facts: Any) -> list[str]:
    """Write nonconformities; one alone takes its number with its row."""
    async with work_of(company) as work:
        findings = [factories.finding(**facts) for _ in range(count)]
        await work.add(*findings)
        await asyncio.sleep(0)
    return [finding.reference for finding in findings]


async def test_references_count_from_one_within_prefix_and_year(company: Company) -> None:
    with clock.fixed(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)):
        assert await take(company, 2) == ["NC-2026-0001", "NC-2026-0002"]
    with clock.fixed(datetime(2027, 1, 1, tzinfo=UTC)):
        assert await take(company) == ["NC-2027-0001"]


async def test_rows_of_one_transaction_count_on_one_by_one_and_together(company: Company) -> None:
    async with work_of(company) as work:
        findings = [factories.finding() for _ in range(4)]
        for rows in (findings[:1], findings[1:3], findings[3:]):
            await work.add(*rows)
    year = clock.now().year
    assert [row.reference for row in findings] == [f"NC-{year}-000{n}" for n in range(1, 5)]


async def test_a_reference_that_was_given_is_kept(company: Company) -> None:
    assert await take(company, reference="NC-1999-0007") == ["NC-1999-0007"]


Act = Callable[[Work, Finding], Awaitable[Any]]


async def alone(work: Work, finding: Finding) -> None:
    """Nothing follows: the row is written with its entry."""


async def read(work: Work, _: Finding) -> None:
    """The row is written before the next statement."""
    assert await work.rows(sa.select(Finding.reference))


async def read_reference(work: Work, finding: Finding) -> None:
    """The row is written before its reference is read, as any value of the database."""
    reference = await work.session.run_sync(lambda _: finding.reference)
    assert reference.startswith("NC-")


async def change(work: Work, finding: Finding) -> None:
    """Write a second version."""
    await work.change(finding, {"title": "Changed"})


async def refer_to_a_later_row(work: Work, finding: Finding) -> None:
    """Write further versions, and a row between them."""
    site = await work.add(Site(code="S", name="Of the finding"))
    await work.change(finding, {"site_id": site.id})
    await work.change(finding, {"site_id": None})


async def add_another_kind(work: Work, finding: Finding) -> None:
    """Take a number of another counter."""
    action = await work.add(factories.action(finding_id=finding.id, owner_id=work.caller.user_id))
    assert action.reference.startswith("ACT-")


async def roll_back_to_a_savepoint(work: Work, _: Finding) -> None:
    """Give a number back, and keep the first."""
    with suppress(Undone):
        async with work.session.begin_nested():
            await work.add(factories.finding())
            raise Undone


async def write_more_entries_than_one_statement_appends(work: Work, _: Finding) -> None:
    """Write the row before them."""
    await work.add(*[Site(code=f"S{n}", name="One of many") for n in range(250)])


@pytest.mark.parametrize(
    "act",
    [
        *(alone, read, read_reference, change, refer_to_a_later_row, add_another_kind),
        *(roll_back_to_a_savepoint, write_more_entries_than_one_statement_appends),
    ],
)
async def test_row_entry_and_events_have_the_reference_that_is_taken_last(
    company: Company, act: Act
) -> None:
    expected = f"NC-{clock.now().year}-0001"
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
        work.emit(finding, "mentioned")
        await act(work, finding)
    assert finding.reference == expected
    scope = Scope(company.organization_id)
    async with company.application.database.read(scope) as session:
        entry, events = AuditEntry.entity_id == finding.id, OutboxEvent.entity_id == finding.id
        assert (await session.scalars(sa.select(Finding.reference))).all() == [expected]
        [changes] = await session.scalars(
            sa.select(AuditEntry.changes).where(entry, AuditEntry.entity_version == 1)
        )
        events_data = (await session.scalars(sa.select(OutboxEvent.data).where(events))).all()
        assert await first_broken(session) is None
    assert changes["reference"] == [None, expected]
    assert {data["reference"] for data in events_data} == {expected}
    assert len(events_data) >= 2


@pytest.mark.parametrize("place", [0, 1])
async def test_a_row_beside_one_that_has_a_reference_takes_its_own(
    company: Company, place: int
) -> None:
    findings = [factories.finding(), factories.finding()]
    findings[place].reference = "NC-1999-0007"
    async with work_of(company) as work:
        await work.add(*findings)
    references = ["NC-1999-0007", f"NC-{clock.now().year}-0001"]
    assert sorted(row.reference for row in findings) == references
    async with company.application.database.read(Scope(company.organization_id)) as session:
        written = await session.scalars(sa.select(Finding.reference).order_by(Finding.reference))
        assert written.all() == references
        assert await first_broken(session) is None


async def test_what_is_rolled_back_gives_its_number_back(company: Company) -> None:
    year = clock.now().year
    with suppress(Undone):
        async with work_of(company) as work:
            await work.add(factories.finding())
            raise Undone
    assert await take(company) == [f"NC-{year}-0001"]


async def test_fifty_at_once_take_fifty_numbers_without_a_gap(company: Company) -> None:
    year = clock.now().year
    taken = await asyncio.gather(*[take(company) for _ in range(50)])
    assert sorted(reference for (reference,) in taken) == [
        f"NC-{year}-{place:04d}" for place in range(1, 51)
    ]


async def test_each_organization_counts_for_itself(company: Company, hire: Hiring) -> None:
    year = clock.now().year
    await take(company, 2)
    assert await take(await hire.company()) == [f"NC-{year}-0001"]


async def test_the_ten_thousandth_has_five_digits(company: Company) -> None:
    year = clock.now().year
    await take(company, 3)
    await set_counter(company, 9_999)
    assert await take(company) == [f"NC-{year}-10000"]


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
