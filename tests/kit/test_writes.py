"""What a write costs in statements; each is a round trip, and one lies under the head's lock."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.kit import audit
from qgp.kit.audit_verification import first_broken
from qgp.kit.editing import change, create
from qgp.kit.idempotency import keep
from qgp.kit.session import Scope
from qgp.kit.statement_counter import counted
from qgp.kit.work import Work
from qgp.organizations.model import Site
from tests import factories
from tests.company import Client, Company
from tests.kit.work import work_of

Act = Callable[[Work], Awaitable[Any]]
BLOCKED = sa.text(  # backends that wait for this one
    "SELECT count(*) FROM pg_locks WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


async def cost(company: Company, act: Act) -> int:
    """Count the statements of one unit of work."""
    with counted() as count:
        async with work_of(company) as work:
            await act(work)
    return count.statements


def made(code: str) -> Act:
    return partial(create(Site), code=code, name="Made")


def keyed(key: str) -> Act:
    async def act(work: Work) -> None:
        keep(work, key, "print", (await made(key)(work)).id)

    return act


async def test_a_create_costs_its_row_and_its_trail(company: Company) -> None:
    assert [await cost(company, made(code)) for code in "AB"] == [2, 2]


async def test_a_key_travels_with_the_trail(company: Company) -> None:
    assert [await cost(company, keyed(key)) for key in "AB"] == [2, 2]


async def test_a_numbered_row_travels_with_the_trail_and_the_key(company: Company) -> None:
    async def numbered(work: Work) -> None:
        keep(work, "A", "print", (await work.add(factories.finding())).id)

    assert await cost(company, numbered) == 1


async def test_an_update_reads_the_row_and_writes_it_once(company: Company) -> None:
    async with work_of(company) as work:
        site = await create(Site)(work, code="A", name="One")
    update = partial(change(Site), id=site.id, expected_version=1, name="Two")
    assert await cost(company, update) == 3


async def test_a_unit_of_work_without_a_change_writes_no_trail(company: Company) -> None:
    async def nothing(_: Work) -> None:
        return None

    assert await cost(company, nothing) == 0


@pytest.mark.parametrize("changes", [2, 100])
async def test_rows_that_wait_travel_together(company: Company, changes: int) -> None:
    async def many(work: Work) -> None:
        for turn in range(changes):
            await create(Site)(work, code=f"S{turn}", name="Made")

    assert await cost(company, many) == 2
    async with company.application.database.read(Scope(company.organization_id)) as session:
        assert await first_broken(session) is None


async def test_who_waits_for_a_row_that_is_locked_does_not_hold_the_head(company: Company) -> None:
    """The lock's holder appends to the trail, while the other's foreign key waits for it."""
    async with work_of(company) as work:
        parent = await work.add(Site(code="A", name="One"))

    async def refer() -> None:
        async with work_of(company) as other:
            await other.add(Site(code="B", name="Part", parent_id=parent.id))

    async with work_of(company) as work:
        locked = sa.select(Site).where(Site.id == parent.id).with_for_update()  # as a deletion does
        [row] = await work.rows(locked)
        referring = asyncio.create_task(refer())
        while not await work.session.scalar(BLOCKED):
            assert not referring.done()
        await work.change(row, {"name": "Two"})
    await referring  # a deadlock would have ended one of them
    async with company.application.database.read(Scope(company.organization_id)) as session:
        assert (await session.scalars(sa.select(Site.name).order_by(Site.code))).all() == [
            "Two",
            "Part",
        ]


async def test_who_refers_to_a_record_does_not_wait_for_who_changes_it(company: Company) -> None:
    """A foreign key may be checked while the head is held, for which the other one waits."""
    async with work_of(company) as work:
        site = await work.add(Site(code="A", name="One"))
    async with work_of(company) as changing:
        row = await changing.get(Site, site.id)
        async with asyncio.timeout(2), work_of(company) as work:
            await work.add(factories.finding(site_id=site.id))
        await changing.change(row, {"name": "Two"})


async def test_a_create_tries_again_after_a_deadlock_with_who_changes_a_unique_key(
    company: Company, api: Client
) -> None:
    """Its foreign key waits for that one, which then waits for the head."""
    async with work_of(company) as work:
        site = await work.add(Site(code="A", name="One"))
    fields = {"grade": "OFI", "sourceType": "PROCESS", "title": "At the site"}
    async with work_of(company) as work:
        await work.change(await work.get(Site, site.id), {"code": "B"})
        await work.flush()
        create = api.do(
            "findingCreate", "finding { site { code } }", **fields, siteId=site.public_id
        )
        creating = asyncio.create_task(create)
        while not await work.session.scalar(BLOCKED):
            assert not creating.done()
    assert (await creating)["finding"] == {"site": {"code": "B"}}


async def test_the_first_entry_of_a_trail_comes_before_any_head(company: Company) -> None:
    """Founding an organization is the one write that has no head to lock."""
    async with company.application.database.read(Scope(company.organization_id)) as session:
        head = await session.get_one(audit.AuditHead, company.organization_id)
        first = await session.get_one(audit.AuditEntry, (company.organization_id, 1))
    assert head.seq >= first.seq == 1
    assert first.previous_hash == audit.GENESIS
    link = audit.entry_hash(company.organization_id, 1, audit.GENESIS, first.payload)
    assert first.hash == link


async def test_a_mutation_runs_the_same_statements_every_time(api: Client) -> None:
    await api.ask("{ viewer { user { id } } }")  # from now on the sign-in is known
    counts = []
    for turn in range(4):  # the first one looks for the user's expired keys
        await api.do(
            "siteCreate", "site { id }", code=f"S{turn}", name="S", idempotencyKey=f"{turn}"
        )
        counts.append(list(api.statements))
    assert counts[1] == counts[2] == counts[3]


async def test_a_cancelled_write_changes_nothing_and_gives_its_connection_back(
    company: Company, api: Client
) -> None:
    pool: Any = company.application.engine.pool
    before, written = pool.checkedout(), asyncio.Event()

    async def slow() -> None:
        async with work_of(company) as work:
            await create(Site)(work, code="A", name="Made")
            written.set()
            await asyncio.sleep(60)

    task = asyncio.create_task(slow())
    await written.wait()
    assert pool.checkedout() == before + 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert pool.checkedout() == before
    assert (await api.ask("{ sites { totalCount } }"))["sites"]["totalCount"] == 0


async def test_reads_at_once_of_which_one_fails_give_the_connection_back(company: Company) -> None:
    """Those that wait behind it begin no transaction anew."""
    pool: Any = company.application.engine.pool
    before, reads = pool.checkedout(), list[asyncio.Future[Any]]()

    async def read() -> None:
        async with work_of(company) as work:
            broken = sa.select(sa.literal(1) / sa.literal(0))
            reads.extend(asyncio.ensure_future(work.tuples(broken)) for _ in range(3))
            await asyncio.gather(*reads)

    with pytest.raises(sa.exc.DBAPIError, match="division by zero"):
        await read()
    await asyncio.wait(reads)
    assert pool.checkedout() == before
