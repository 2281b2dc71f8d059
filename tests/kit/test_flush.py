"""Flush of a session, against what the database holds afterwards."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm.exc import StaleDataError

from qgp.kit import ids
from qgp.kit.errors import (
    AlreadyExists,
    DomainError,
    Invalid,
    NotFound,
    OutOfRange,
    StillInUse,
)
from qgp.kit.session import Scope
from qgp.kit.statement_counter import counted
from qgp.kit.work import Work
from qgp.organizations.model import Site
from qgp.standards.model import Standard
from qgp.standards.model.terms import StandardKind, StandardOrigin, StandardStatus
from tests import factories
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.kit.work import work_of

KIND: Any = {
    "kind": StandardKind.LAW,
    "origin": StandardOrigin.OWN,
    "status": StandardStatus.DRAFT,
}


async def stored(company: Company, *columns: Any) -> list[Any]:
    """Return columns of the company's rows, as another session reads them."""
    statement = sa.select(*columns).order_by(columns[0])
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return [tuple(row) for row in await session.execute(statement)]


async def test_rows_of_one_kind_are_inserted_by_one_statement(company: Company) -> None:
    top = Site(code="S000", name="Top")
    async with work_of(company) as work:
        with counted() as count:
            await work.add(top)
            rows = [Site(code=f"S{n:03}", name="Part", parent_id=top.id) for n in range(1, 60)]
            await work.add(*rows)
            await work.flush()
        assert count.statements == 1
    assert [row.version for row in rows] == [1] * 59
    expected = [("S000", None), *[(f"S{n:03}", top.id) for n in range(1, 60)]]
    assert await stored(company, Site.code, Site.parent_id) == expected


def test_a_row_takes_no_attribute_that_its_class_has_not() -> None:
    with pytest.raises(TypeError, match="Site has no attribute coed"):
        Site(coed="A", name="One")


async def test_rows_wait_for_the_next_statement_which_sees_them(company: Company) -> None:
    async with work_of(company) as work:
        with counted() as count:
            site = await work.add(Site(code="A", name="One"))
            await work.change(site, {"name": "Two"})
        assert count.statements == 0
        with counted() as count:
            names = await work.rows(sa.select(sa.text("name")).select_from(sa.text("sites")))
        assert (names, count.statements) == (["Two"], 3)
    assert (await stored(company, Site.name, Site.version)) == [("Two", 2)]


async def test_rows_that_wait_are_not_sent_before_a_rollback_to_a_savepoint(
    company: Company,
) -> None:
    async def refuse(work: Work) -> None:
        async with work.session.begin_nested():
            await work.add(Site(code="A", name="One", parent_id=ids.uuid7()))
            raise Invalid("It is not right.")

    async with work_of(company) as work:
        with pytest.raises(Invalid):
            await refuse(work)
        await work.add(Site(code="B", name="One"))
    assert await stored(company, Site.code) == [("B",)]


async def test_defaults_and_computed_columns_are_set_on_the_row_that_is_written(
    company: Company,
) -> None:
    async with work_of(company) as work:
        with counted() as count:
            row = await work.add(Standard(family_code="X", edition="1", title="T", **KIND))
            first = row.code
            await work.change(row, {"edition": "2"})
            second, version = row.code, row.version
        assert count.statements == 2  # the first one writes the status event as well
    assert (first, second, version) == ("X:1", "X:2", 2)
    assert await stored(company, Standard.code, Standard.version) == [("X:2", 2)]


async def test_rows_of_one_kind_are_changed_and_deleted_by_one_statement_each(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Site, "removable", True)
    async with work_of(company) as work:
        rows = [Site(code=f"S{n}", name="One") for n in range(5)]
        await work.add(*rows)
        await work.flush()
        for row in rows[:4]:
            row.name = f"Two {row.code}"
        rows[4].country = "DE"
        with counted() as count:
            await work.flush()
            assert count.statements == 2  # one for each set of columns
            await work.remove(*rows[:2])
            await work.flush()
        assert count.statements == 3
    assert [row.version for row in rows[2:]] == [2, 2, 2]
    expected = [("S2", "Two S2", None, 2), ("S3", "Two S3", None, 2), ("S4", "One", "DE", 2)]
    assert await stored(company, Site.code, Site.name, Site.country, Site.version) == expected


async def test_lists_are_the_same_for_one_row_and_for_many(
    company: Company,
) -> None:
    alone, lists = ["alone", ""], [["a", 'b,"c" {}', ""], [], ["NULL"]]

    def edition(number: int, document_ids: list[str]) -> Standard:
        names = {"family_code": "X", "edition": str(number), "title": "T"}
        return Standard(document_ids=document_ids, **names, **KIND)

    async with work_of(company) as work:
        await work.add(edition(0, alone))
        await work.add(*[edition(n, each) for n, each in enumerate(lists, 1)])
    expected = [(str(n), value) for n, value in enumerate([alone, *lists])]
    assert await stored(company, Standard.edition, Standard.document_ids) == expected


async def test_an_update_writes_the_changed_columns_alone(api: Client) -> None:
    site = (await api.do("siteCreate", "site { id }", code="A", name="One"))["site"]
    await api.do("siteUpdate", id=site["id"], expectedVersion=1, name="Two", code="A")
    (update,) = [text for text in api.statements if "UPDATE sites" in text]
    written = re.findall(r"(\w+)=\$", update.partition(" WHERE ")[0])
    assert sorted(written) == ["name", "updated_at", "version"]


async def test_a_row_that_another_has_changed_is_stale(company: Company) -> None:
    async with work_of(company) as work:
        site = await work.add(Site(code="A", name="One"))

    async def overwrite() -> None:
        async with work_of(company) as work:
            row = await work.session.get_one(Site, (company.organization_id, site.id))
            async with work_of(company) as other:
                await other.change(await other.get(Site, site.id), {"name": "Two"})
            await work.change(row, {"name": "Three"})

    with pytest.raises(StaleDataError, match="0 rows of sites"):
        await overwrite()
    assert await stored(company, Site.name, Site.version) == [("Two", 2)]


async def test_one_stale_row_among_many_is_stale(company: Company) -> None:
    async with work_of(company) as work:
        sites = [Site(code=f"S{n}", name="One") for n in range(3)]
        await work.add(*sites)

    async def overwrite() -> None:
        async with work_of(company) as work:
            of_all = sa.select(Site).order_by(Site.code)
            rows = (await work.session.scalars(of_all)).all()
            async with work_of(company) as other:
                await other.change(await other.get(Site, sites[1].id), {"name": "Two"})
            for row in rows:
                row.name = "Three"
            await work.flush()

    with pytest.raises(StaleDataError, match="2 rows of sites were written in place of 3"):
        await overwrite()
    assert await stored(company, Site.code, Site.name) == [
        ("S0", "One"),
        ("S1", "Two"),
        ("S2", "One"),
    ]


async def _take_a_code(work: Work, _: list[Site]) -> None:
    await work.add(*[Site(code=code, name="New") for code in ("A", "B", "S1", "C")])


async def _point_at_nothing(work: Work, _: list[Site]) -> None:
    await work.add(*[Site(code=f"P{n}", name="New", parent_id=ids.uuid7()) for n in range(3)])


async def _leave_the_range(work: Work, _: list[Site]) -> None:
    template = await work.add(factories.audit_template())
    version = await work.add(factories.template_version(template.id))
    await work.add(*[factories.section(version.id, weight=weight) for weight in (1, 2, 0, 3)])


async def _change_to_one_code(work: Work, sites: list[Site]) -> None:
    for site in sites:
        site.code = "SAME"
    await work.flush()


async def _delete_a_parent(work: Work, _: list[Site]) -> None:
    template = await work.add(factories.audit_template())
    version = await work.add(factories.template_version(template.id))
    sections = [factories.section(version.id, position=n) for n in range(3)]
    await work.add(*sections)
    await work.add(factories.question(sections[1]))
    await work.remove(*sections)


BROKEN: dict[str, tuple[Callable[[Work, list[Site]], Awaitable[None]], type, Any]] = {
    "unique": (_take_a_code, AlreadyExists, ("code",)),
    "foreign key": (_point_at_nothing, NotFound, ("parentId",)),
    "check": (_leave_the_range, OutOfRange, ("weight",)),
    "unique, by an update": (_change_to_one_code, AlreadyExists, ("code",)),
    "foreign key, by a deletion": (_delete_a_parent, StillInUse, None),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_one_row_among_many_breaks_a_constraint_with_its_declared_error(
    company: Company, name: str
) -> None:
    break_it, error, path = BROKEN[name]
    async with work_of(company) as work:
        sites = [Site(code=f"S{n}", name="One") for n in range(4)]
        await work.add(*sites)
    async with unchanged(company):
        with pytest.raises(DomainError) as refused:
            await _write(company, break_it)
    assert (type(refused.value), refused.value.path) == (error, path)


async def _write(company: Company, write: Callable[[Work, list[Site]], Awaitable[None]]) -> None:
    """Write in a unit of work that has read the sites without a lock."""
    async with work_of(company) as work:
        of_all = sa.select(Site).order_by(Site.code)
        await write(work, [*await work.session.scalars(of_all)])


async def test_many_changes_without_their_entries_do_not_commit(company: Company) -> None:
    async def forget_entries(work: Work, sites: list[Site]) -> None:
        for site in sites:
            site.name = "Two"
        await work.flush()
        assert len(work.session.info["notes"]) == 3
        work.session.info["notes"].pop()

    async with work_of(company) as work:
        await work.add(*[Site(code=f"S{n}", name="One") for n in range(3)])
    async with unchanged(company):
        with pytest.raises(DBAPIError) as refused:
            await _write(company, forget_entries)
    assert getattr(refused.value.orig, "sqlstate", None) == "QG001"


async def test_of_two_writers_of_the_same_rows_one_writes_all_of_them(company: Company) -> None:
    both_have_read = asyncio.Barrier(2)

    def writer(name: str) -> Callable[[Work, list[Site]], Awaitable[None]]:
        async def rename(work: Work, sites: list[Site]) -> None:
            for site in sites:
                site.name = name
            async with both_have_read:
                pass
            await work.flush()

        return rename

    async with work_of(company) as work:
        await work.add(*[Site(code=f"S{n}", name="One") for n in range(20)])
    names = ["Two", "Three"]
    outcomes = await asyncio.gather(
        *[_write(company, writer(name)) for name in names], return_exceptions=True
    )
    (loser,) = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(loser, StaleDataError)
    winner = names[outcomes.index(None)]
    assert {row[1:] for row in await stored(company, Site.code, Site.name, Site.version)} == {
        (winner, 2)
    }
