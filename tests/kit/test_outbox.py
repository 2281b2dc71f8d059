"""Outbox: the events that changes leave, their order, and the partitions that keep them."""

import asyncio
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.app import Application
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock, reference_numbers
from qgp.kit.outbox import OutboxEvent, read_events
from qgp.kit.outbox_partitions import renew_partitions
from qgp.kit.session import Scope
from qgp.kit.work import Work
from tests import factories
from tests.company import Company, Hiring
from tests.kit.work import refused, work_of


async def events_of(company: Company, *, after: int = 0) -> Sequence[OutboxEvent]:
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return await read_events(session, after=after, limit=1000)


async def position_of(company: Company) -> int:
    events = await events_of(company)
    return events[-1].position


def brief(event: OutboxEvent) -> tuple[str, int, dict[str, Any]]:
    return event.name, event.entity_version, event.data


async def test_each_change_leaves_its_events(company: Company) -> None:
    after, owner = await position_of(company), company.owner.user_id
    async with work_of(company, "findingCreate") as work:
        finding = await work.add(factories.finding(owner_id=owner))
        await work.change(finding, {"title": "Other", "statement": "None"})
        finding.enter(FindingStatus.OPEN)
        await work.flush()
        work.emit(finding, "overdue", dueOn="2026-03-01")
    number = {"reference": finding.reference}
    assigned = {**number, "field": "owner", "userId": str(owner)}
    states = {"from": "DRAFT", "to": "OPEN", "fields": ["status"]}
    events = await events_of(company, after=after)
    assert [brief(event) for event in events] == [
        ("finding.created", 1, {**number, "to": "DRAFT"}),
        ("finding.assigned", 1, assigned),
        ("finding.updated", 2, {**number, "fields": ["statement", "title"]}),
        ("finding.transitioned", 3, {**number, **states}),
        ("finding.overdue", 3, {**number, "dueOn": "2026-03-01"}),
    ]
    assert {event.entity_id for event in events} == {finding.id}
    assert {event.action for event in events} == {"findingCreate"}
    assert {event.actor_id for event in events} == {owner}


async def test_the_event_of_a_part_names_its_record(company: Company) -> None:
    async with work_of(company) as work:
        finding = await work.add(factories.finding())
        standard = await work.add(factories.standard())
        clause = await work.add(factories.clause(standard.id))
        part = await work.add(factories.finding_clause(finding.id, clause.id))
    after = await position_of(company)
    async with work_of(company) as work:
        await work.remove(await work.get(type(part), part.id))
    (event,) = await events_of(company, after=after)
    assert (event.name, event.part_of_id) == ("finding_clause.deleted", finding.id)


async def test_a_refused_unit_of_work_leaves_no_event(company: Company) -> None:
    after = await position_of(company)
    with pytest.raises(ZeroDivisionError):
        await _fail(company)
    async with work_of(company) as work:
        savepoint = await work.session.begin_nested()
        await work.add(factories.site())
        await savepoint.rollback()
    assert await events_of(company, after=after) == []


async def _fail(company: Company) -> None:
    async with work_of(company) as work:
        await work.add(factories.site())
        await work.seal_audit_notes()
        raise ZeroDivisionError


async def test_concurrent_writers_number_events_in_the_order_of_their_commits(
    company: Company,
) -> None:
    """A reader never misses an event whose transaction began earlier and committed later."""
    after, read = await position_of(company), list[int]()
    writing = asyncio.create_task(_write_at_once(company, writers=8, times=5))
    while not writing.done() or await events_of(company, after=(read or [after])[-1]):
        read += [event.position for event in await events_of(company, after=(read or [after])[-1])]
        await asyncio.sleep(0)
    await writing
    assert read == [*range(after + 1, after + 81)]


async def _write_at_once(company: Company, *, writers: int, times: int) -> None:
    async def write(turn: int) -> None:
        for _ in range(times):
            async with work_of(company) as work:
                site = await work.add(factories.site())
                await asyncio.sleep(turn % 3 / 1000)
                await work.change(site, {"name": "Renamed"})

    await asyncio.gather(*map(write, range(writers)))


async def test_a_late_reference_is_the_one_of_the_event(company: Company) -> None:
    after = await position_of(company)
    async with work_of(company) as work:
        finding = await collected(work)
    (created, *_) = await events_of(company, after=after)
    assert created.data["reference"] == finding.reference


async def collected(work: Work) -> Finding:
    """Add a finding whose reference is assigned right before the commit, as imports do."""
    reference_numbers.postpone(work.session)
    finding = await work.add(factories.finding())
    await reference_numbers.settle(work.session)
    return finding


async def test_events_are_append_only_and_of_one_organization(
    company: Company, application: Application
) -> None:
    other = await Hiring(application).company()
    assert {event.organization_id for event in await events_of(other)} == {other.organization_id}
    for statement in ("UPDATE outbox_events SET name = 'x'", "DELETE FROM outbox_events"):
        assert await refused(company, statement) == "42501"


async def test_partitions_are_created_ahead_and_dropped_past_the_retention(
    scratch: Application,
) -> None:
    today = clock.now().date()
    company = await Hiring(scratch).company()
    assert await partitions_of(scratch) == named(today, *range(4))
    for ahead, expected in ((1, range(5)), (40, range(40, 44))):
        async with scratch.database.write(Scope()) as session:
            await renew_partitions(session, today + timedelta(ahead), days_kept=30)
        assert await partitions_of(scratch) >= named(today, *expected)
    assert await events_of(company) == []


async def partitions_of(application: Application) -> set[str]:
    listed = """SELECT inhrelid::regclass::text FROM pg_inherits
        WHERE inhparent = 'outbox_events'::regclass AND inhrelid::regclass::text !~ 'default'"""
    async with application.engine.connect() as connection:
        return set(await connection.scalars(sa.text(listed)))


def named(today: date, *ahead: int) -> set[str]:
    return {f"outbox_events_{today + timedelta(days):%Y%m%d}" for days in ahead}
