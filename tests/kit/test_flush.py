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
        assert count.statements == 3  # one of them is the status event
    assert (first, second, version) == ("X:1", "X:2", 2)
    assert await stored(company, Standard.code, Standard.version) == [("X:2", 2)]


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
