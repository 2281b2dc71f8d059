"""Separation of organizations: row security, the ORM criterion, and checks of both."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy import event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from qgp.app import Application
from qgp.kit import row_security_status
from qgp.kit import session as sessions
from qgp.kit.session import OrganizationSession, Scope
from qgp.organizations.model import Site
from qgp.row_security_check import RowSecurityMissing, require_row_security
from tests.company import Company, Hiring
from tests.kit.conftest import OWNED
from tests.kit.work import refused

FIXED = "QG003"  # what is published does not change, whoever it belongs to
NAMES = [table.name for table in OWNED]


async def count(session: AsyncSession, table: str, where: str = "true", **parameters: Any) -> int:
    statement = sa.text(f"SELECT count(*) FROM {table} WHERE {where}")
    return int((await session.execute(statement, parameters)).scalar_one())


async def test_without_an_organization_every_table_is_empty(
    company_with_all_tables: Company,
) -> None:
    async with company_with_all_tables.application.engine.connect() as everything:
        for name in NAMES:
            statement = sa.text(f"SELECT count(*) FROM {name} WHERE organization_id = :id")
            held = await everything.scalar(
                statement, {"id": company_with_all_tables.organization_id}
            )
            assert held, f"the test proves nothing about {name}"
    async with company_with_all_tables.application.database.read(Scope()) as session:
        assert {name: await count(session, name) for name in NAMES} == dict.fromkeys(NAMES, 0)


async def test_rows_of_another_organization_are_invisible(
    company_with_all_tables: Company, other: Company
) -> None:
    database = company_with_all_tables.application.database
    async with database.read(Scope(company_with_all_tables.organization_id)) as mine:
        assert [name for name in NAMES if await count(mine, name) == 0] == []
    async with database.read(Scope(other.organization_id)) as theirs:
        for name in NAMES:
            seen = await count(
                theirs, name, "organization_id = :id", id=company_with_all_tables.organization_id
            )
            assert (name, seen) == (name, 0)


@pytest.mark.parametrize("table", OWNED, ids=lambda table: table.name)
@pytest.mark.parametrize("act", ["insert", "update"])
async def test_no_row_can_be_given_to_another_organization(
    company_with_all_tables: Company, other: Company, table: sa.Table, act: str
) -> None:
    columns = [column.name for column in table.c if column.computed is None]
    shown = ", ".join(":id" if name == "organization_id" else name for name in columns)
    statement = {
        "insert": f"INSERT INTO {table} ({', '.join(columns)}) SELECT {shown} FROM {table} LIMIT 1",
        "update": f"UPDATE {table} SET organization_id = :id",
    }[act]
    assert await refused(company_with_all_tables, statement, id=other.organization_id) in {
        "42501",
        FIXED,
    }


async def test_a_foreign_key_never_reaches_into_another_organization(
    company_with_all_tables: Company, other: Company
) -> None:
    """Even past row level security, as a superuser."""
    pairs = {"mine": company_with_all_tables.organization_id, "theirs": other.organization_id}
    pointing = """UPDATE sites SET parent_id =
        (SELECT id FROM sites WHERE organization_id = :theirs LIMIT 1)
        WHERE organization_id = :mine"""
    async with company_with_all_tables.application.engine.connect() as superuser:
        with pytest.raises(IntegrityError, match="fk_sites_organization_id_parent_id"):
            await superuser.execute(sa.text(pointing), pairs)


async def test_an_id_of_another_organization_is_like_one_that_never_was(
    company_with_all_tables: Company, other: Company
) -> None:
    async with other.owner.signed_in() as theirs:
        foreign = (await theirs.ask("{ sites { nodes { id } } }"))["sites"]["nodes"][0]["id"]
    async with company_with_all_tables.owner.signed_in() as mine:
        before = await mine.ask("{ sites { totalCount } }")
        answers = [
            await mine.do("siteCreate", "site { id }", code="X", name="X", parentId=id)
            for id in (foreign, "sit_" + 32 * "0")
        ]
        after = await mine.ask("{ sites { totalCount } }")
    assert answers[0] == answers[1]
    assert [(e["code"], e["path"]) for e in answers[0]["errors"]] == [("NOT_FOUND", ["parentId"])]
    assert after == before


async def test_the_runtime_role_is_weak(application: Application) -> None:
    async with application.database.read(Scope()) as session:
        role = await session.execute(
            sa.text("""SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb
                FROM pg_roles WHERE rolname = current_user""")
        )
        assert role.one() == ("qgp_app", False, False, False, False)
        statement = sa.text("SELECT has_table_privilege(:table, :privilege)")
        kept = [
            (table, privilege)
            for table in ("audit_entries", "account_events")
            for privilege in ("UPDATE", "DELETE", "TRUNCATE")
            if await session.scalar(statement, {"table": table, "privilege": privilege})
        ]
        truncated = [
            name
            for name in NAMES
            if await session.scalar(statement, {"table": name, "privilege": "TRUNCATE"})
        ]
    assert kept == []
    assert truncated == []


async def test_300_sessions_of_alternating_organizations_stay_apart(
    application: Application, hire: Hiring
) -> None:
    companies = [(await hire.company()).organization_id for _ in range(6)]
    statement = sa.text("SELECT organization_id, current_user FROM users")
    at_once = asyncio.Semaphore(30)  # twice as many as there are connections

    async def look(turn: int) -> None:
        company = companies[turn % len(companies)]
        async with at_once, application.database.read(Scope(company)) as session:
            await asyncio.sleep(0)
            assert set((await session.execute(statement)).all()) == {(company, "qgp_app")}
            seen = await session.scalars(sa.select(Site.organization_id))
            assert set(seen) <= {company}

    await asyncio.gather(*map(look, range(300)))


READS: dict[str, Callable[[], sa.Select[Any]]] = {
    "rows": lambda: sa.select(Site),
    "columns": lambda: sa.select(Site.id),
    "counts": lambda: sa.select(sa.func.count()).select_from(Site).having(sa.func.count() > 0),
    "aliases": lambda: sa.select(aliased(Site)),
    "subqueries": lambda: sa.select(sa.select(Site.id).subquery()),
    "unions": lambda: sa.select(sa.union_all(sa.select(Site.id), sa.select(Site.id)).subquery()),
}


@pytest.mark.parametrize("read", READS)
async def test_the_orm_alone_keeps_organizations_apart(scratch: Application, read: str) -> None:
    async with fallen(scratch) as (home, guest):
        assert await found(guest, READS[read]()) == 0
        with criterion_off():
            assert await found(guest, READS[read]()) > 0, "the test can fail"
        assert await found(home, READS[read]()) > 0


async def test_the_orm_alone_keeps_bulk_changes_apart(scratch: Application) -> None:
    async with fallen(scratch) as (home, guest):
        before = await found(home, READS["rows"]())
        async with scratch.database.write(Scope(guest.organization_id)) as session:
            changed: Any = await session.execute(sa.update(Site).values(name="Mine now"))
            deleted: Any = await session.execute(sa.delete(Site))
        assert (changed.rowcount, deleted.rowcount) == (0, 0)
        assert await found(home, READS["rows"]()) == before > 0


async def test_row_level_security_alone_keeps_organizations_apart(
    company_with_all_tables: Company, hire: Hiring
) -> None:
    guest = await hire.company()
    with criterion_off():
        for read in READS.values():
            assert await found(guest, read()) == 0
            assert await found(company_with_all_tables, read()) > 0


async def test_without_row_security_and_criterion_another_organization_would_show(
    scratch: Application,
) -> None:
    async with fallen(scratch) as (home, guest):
        theirs = await found(home, READS["rows"]())
        with criterion_off():
            assert await found(guest, READS["rows"]()) == theirs > 0


async def test_a_wall_that_lost_its_security_is_noticed(scratch: Application) -> None:
    async with scratch.engine.begin() as superuser:
        whole = await superuser.run_sync(row_security_status.inspect)
        sound = row_security_status.RowSecurityStatus(
            strong_role=False, open_tables=[], owned_tables=[], login_owns_tables=True
        )
        assert (whole, whole.complaint) == (sound, None)
        for table, breach in (
            ("sites", "ALTER TABLE sites NO FORCE ROW LEVEL SECURITY"),
            ("users", "ALTER TABLE users DISABLE ROW LEVEL SECURITY"),
            ("log_ins", "DROP POLICY own_rows ON log_ins; DROP POLICY own_account ON log_ins"),
            ("leaky", "CREATE TABLE leaky (organization_id uuid)"),
        ):
            for statement in breach.split(";"):
                await superuser.execute(sa.text(statement))
            assert table in (await superuser.run_sync(row_security_status.inspect)).open_tables
    with pytest.raises(RowSecurityMissing, match="leaky, log_ins, sites, users"):
        await require_row_security(scratch.probe_engine)


@pytest.mark.parametrize("strength", ["SUPERUSER", "BYPASSRLS"])
async def test_a_strong_runtime_role_is_noticed(application: Application, strength: str) -> None:
    """Within a transaction: the role is the whole server's."""
    async with application.engine.connect() as superuser:
        await superuser.execute(sa.text(f"ALTER ROLE qgp_app {strength}"))
        status = await superuser.run_sync(row_security_status.inspect)
        await superuser.rollback()
        assert status.complaint == (
            "The role qgp_app is a superuser or bypasses row level security."
        )
        assert (await superuser.run_sync(row_security_status.inspect)).complaint is None


@pytest.mark.parametrize("strength", ["SUPERUSER", "BYPASSRLS"])
async def test_a_runtime_role_that_may_become_a_strong_one_is_noticed(
    application: Application, strength: str
) -> None:
    async with application.engine.connect() as superuser:
        await superuser.execute(sa.text(f"CREATE ROLE strong {strength}"))
        await superuser.execute(sa.text("GRANT strong TO qgp_app"))
        status = await superuser.run_sync(row_security_status.inspect)
        await superuser.rollback()
    assert status.complaint == "The role qgp_app is a superuser or bypasses row level security."


@pytest.mark.parametrize(
    "grants",
    [
        ["ALTER TABLE sites OWNER TO qgp_app"],
        ["CREATE ROLE holder", "ALTER TABLE sites OWNER TO holder", "GRANT holder TO qgp_app"],
    ],
)
async def test_a_runtime_role_that_owns_a_table_is_refused(
    application: Application, grants: list[str]
) -> None:
    """Within a transaction: the role is the whole server's."""
    async with application.engine.connect() as superuser:
        for statement in grants:
            await superuser.execute(sa.text(statement))
        status = await superuser.run_sync(row_security_status.inspect)
        await superuser.rollback()
    assert status.complaint == "The role qgp_app owns, or may become the owner of: sites."


async def test_a_user_who_owns_the_tables_is_a_warning(application: Application) -> None:
    with structlog.testing.capture_logs() as logs:
        await require_row_security(application.probe_engine)
    assert [(line["log_level"], line["event"]) for line in logs] == [
        ("warning", "database_user_owns_tables")
    ]


async def test_production_serves_only_with_complete_row_security(scratch: Application) -> None:
    await require_row_security(scratch.probe_engine)
    async with scratch.engine.begin() as superuser:
        await superuser.execute(sa.text("ALTER TABLE clauses NO FORCE ROW LEVEL SECURITY"))
    with pytest.raises(RowSecurityMissing, match="clauses"):
        await require_row_security(scratch.probe_engine)


async def found(company: Company, statement: sa.Select[Any]) -> int:
    """Count what the company's session finds."""
    async with company.application.database.read(Scope(company.organization_id)) as session:
        return len((await session.scalars(statement)).all())


@asynccontextmanager
async def fallen(application: Application) -> AsyncIterator[tuple[Company, Company]]:
    """Give a company with a site and one without, in a database without row level security."""
    hiring = Hiring(application)
    home, guest = await hiring.company(), await hiring.company()
    async with home.owner.signed_in() as api:
        assert (await api.do("siteCreate", code="HQ", name="HQ"))["errors"] == []
    async with application.engine.begin() as superuser:
        for name in NAMES:
            await superuser.execute(sa.text(f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY"))
    yield home, guest


@contextmanager
def criterion_off() -> Iterator[None]:
    """Take the ORM's criterion away."""
    listener = OrganizationSession, "do_orm_execute", sessions._limit_to_organization
    event.remove(*listener)
    try:
        yield
    finally:
        event.listen(*listener)
