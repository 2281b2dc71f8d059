"""Kept totals: a total is counted again as soon as anything was committed, and not before."""

import re

import sqlalchemy as sa

from qgp.app import Application
from qgp.engine.kept_totals import counted_unless_kept, is_timeless, kept_parameter, parse_counted
from qgp.kit import sql_dates
from qgp.organizations.model import Site
from tests.company import Company
from tests.engine.read_paths import ReadPaths, Sent, client_of

SITES = "{ sites(first: 2) { totalCount nodes { code } } }"


async def test_a_statement_counts_again_if_its_snapshot_is_another_one(
    application: Application,
) -> None:
    count = sa.select(sa.func.count()).select_from(Site)
    statement = sa.select(counted_unless_kept(count, 0))
    async with application.engine.connect() as reader, application.engine.connect() as writer:
        await reader.execution_options(isolation_level="REPEATABLE READ")

        async def counted(snapshot: str) -> str | None:
            return await reader.scalar(statement, {kept_parameter(0): snapshot})

        first = await counted("")
        assert first is not None
        snapshot, total = parse_counted(first)
        await writer.execute(sa.select(sa.func.pg_current_xact_id()))
        assert await counted(snapshot) is None
        await writer.commit()
        assert await counted(snapshot) is None  # its own transaction still sees the same
        await reader.rollback()
        again = await counted(snapshot)
        assert again is not None
        assert (parse_counted(again)[0] != snapshot, parse_counted(again)[1]) == (True, total)


async def test_a_read_sends_the_snapshot_of_its_last_total_and_sees_every_change(
    sent: list[Sent], company: Company, new_read_paths: ReadPaths
) -> None:
    totals = []
    async with (
        client_of(new_read_paths.planned, company.owner.token) as client,
        company.owner.signed_in() as api,
    ):
        for code in ("K1", "K2", "K3"):
            assert not (await api.do("siteCreate", code=code, name=code))["errors"]
            for _ in range(2):
                totals.append((await client.ask(SITES)).data["sites"]["totalCount"])
    assert totals == [1, 1, 2, 2, 3, 3]
    kept = [
        statement.arguments[int(parameter[1]) - 1]
        for statement in sent
        if (parameter := re.search(r"\$(\d+)\S* = concat\(pg_postmaster", statement.text))
    ]
    assert (len(kept), kept[0], all(kept[1:])) == (6, "", True)


def test_a_count_that_changes_with_time_is_not_kept() -> None:
    count = sa.select(sa.func.count()).select_from(Site)
    assert is_timeless(count.where(Site.code == "a"))
    is_later = sa.select(Site.id).where(sql_dates.today() > Site.created_at)
    assert not is_timeless(count.where(Site.id.in_(is_later)))
