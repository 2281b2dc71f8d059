"""Flush of a session, against what the database holds afterwards."""

import re
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm.exc import StaleDataError

from qgp.kit.session import Scope
from qgp.kit.statement_counter import counted
from qgp.organizations.model import Site
from qgp.standards.model import Standard
from qgp.standards.model.terms import StandardKind, StandardOrigin, StandardStatus
from tests.company import Client, Company
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
    assert count.statements == 2
    assert [row.version for row in rows] == [1] * 59
    expected = [("S000", None), *[(f"S{n:03}", top.id) for n in range(1, 60)]]
    assert await stored(company, Site.code, Site.parent_id) == expected


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
        for row in rows[:4]:
            row.name = f"Two {row.code}"
        rows[4].country = "DE"
        with counted() as count:
            await work.flush()
            assert count.statements == 2  # one for each set of columns
            await work.remove(*rows[:2])
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
    (update,) = [text for text in api.statements if text.startswith("UPDATE sites")]
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
