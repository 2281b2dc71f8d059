"""What production looks like: the database user is no superuser, and everything works."""

import asyncio
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError

from qgp.accounts.commands import accounts
from qgp.app import Application
from qgp.embedded.server import Server
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.migrations import Compatibility
from qgp.pools import create_engine
from qgp.users.model import User
from tests.company import Client, Company, Hiring, client
from tests.environment import application_of, settings_for
from tests.migrations.conftest import administer, migrate, owned_by

PASSWORD = "correct horse battery staple"


@pytest.fixture(params=["fresh", "oldest"])
def server(request: pytest.FixtureRequest) -> Server:
    """A server of the newest and of the oldest PostgreSQL that is supported."""
    found: Server = request.getfixturevalue(request.param)
    return found


def statement_in(message: object) -> str:
    """Return the one statement that a refused migration asks for."""
    (asked,) = re.findall(r"^    (\S.*;)$", str(message), re.MULTILINE)
    return str(asked)


def test_a_user_who_may_not_create_roles_is_told_the_one_statement(server: Server) -> None:
    administer(server, "CREATE ROLE plain LOGIN")
    url = owned_by(server, "plain")
    with pytest.raises(SystemExit) as refused:
        migrate(url, "head")
    asked = statement_in(refused.value)
    assert asked == "CREATE ROLE qgp_app NOLOGIN NOSUPERUSER NOBYPASSRLS ROLE plain;"
    assert (
        administer(
            server, "SELECT relname FROM pg_class WHERE relname = 'audit_entries'", database="plain"
        )
        == []
    )
    administer(server, asked)
    migrate(url, "head")
    asyncio.run(a_day_at_work(url))


def test_a_user_who_is_not_yet_a_member_is_told_the_one_statement(server: Server) -> None:
    administer(server, "CREATE ROLE plain LOGIN", "CREATE ROLE qgp_app NOLOGIN")
    url = owned_by(server, "plain")
    with pytest.raises(SystemExit) as refused:
        migrate(url, "head")
    asked = statement_in(refused.value)
    assert asked == "GRANT qgp_app TO plain;"
    administer(server, asked)
    migrate(url, "head", "base", "head")
    asyncio.run(a_day_at_work(url))


def test_a_user_who_may_create_roles_needs_nobody(server: Server) -> None:
    administer(server, "CREATE ROLE maker LOGIN CREATEROLE")
    url = owned_by(server, "maker")
    migrate(url, "head")
    asyncio.run(a_day_at_work(url))


def test_a_user_whose_name_needs_quotes_is_told_so(fresh: Server) -> None:
    administer(fresh, 'CREATE ROLE "plain user" LOGIN', 'CREATE DATABASE odd OWNER "plain user"')
    url = fresh.url("odd").replace("//qgp@", "//plain%20user@")
    with pytest.raises(SystemExit) as refused:
        migrate(url, "head")
    asked = statement_in(refused.value)
    assert asked.endswith('ROLE "plain user";')
    administer(fresh, asked)
    migrate(url, "head")


@contextmanager
def two_addresses(server: Server, *, creates_roles: str) -> Iterator[tuple[str, str]]:
    """Give the address of the application's user and the owner's, which alembic takes."""
    administer(server, f"CREATE ROLE owner LOGIN {creates_roles}", 'CREATE ROLE "the app" LOGIN')
    owner = owned_by(server, "owner")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_MIGRATION_URL", owner)
        yield owner.replace("//owner@", "//the%20app@"), owner


REFUSED_DDL = ["CREATE TABLE mine (id int)", "DROP TABLE sites", "TRUNCATE sites"]
OWNED = "SELECT count(*) FROM pg_class WHERE relowner = '\"the app\"'::regrole"


def test_with_two_addresses_the_application_owns_nothing_and_changes_no_table(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with two_addresses(server, creates_roles="CREATEROLE") as (url, _):
        migrate(url, "head")
    assert "GRANT" not in capsys.readouterr().err
    with structlog.testing.capture_logs() as logs:
        asyncio.run(a_day_at_work(url))
    assert "database_user_owns_tables" not in [line["event"] for line in logs]
    assert administer(server, OWNED, database="owner") == [["0"]]
    assert asyncio.run(readiness(url)) is None
    for statement in REFUSED_DDL:
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            asyncio.run(execute_as_runtime_role(url, statement))


def test_an_owner_who_may_not_grant_is_told_the_one_statement(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    administer(server, "CREATE ROLE qgp_app NOLOGIN", "CREATE ROLE qgp_backup NOLOGIN")
    with two_addresses(server, creates_roles="NOCREATEROLE") as (url, _):
        administer(server, "GRANT qgp_app TO owner")
        migrate(url, "head")
        asked = statement_in(capsys.readouterr().err)
        assert asked == 'GRANT qgp_app TO "the app";'
        assert asyncio.run(readiness(url)) == {"role": "the database user may not act as qgp_app"}
        administer(server, asked)
        migrate(url, "head")
        assert capsys.readouterr().err == ""
        assert asyncio.run(readiness(url)) is None


def test_an_application_user_who_does_not_exist_is_told_of(
    fresh: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    with two_addresses(fresh, creates_roles="CREATEROLE") as (url, _):
        migrate(url.replace("//the%20app@", "//nobody@"), "head")
    asked = statement_in(capsys.readouterr().err)
    assert asked == "CREATE ROLE nobody LOGIN PASSWORD '…' IN ROLE qgp_app;"


async def readiness(url: str) -> Mapping[str, str] | None:
    """Return what `/readyz` would say to the user of an address."""
    engine = create_engine(settings_for(sa.make_url(url)))
    async with engine.connect() as connection:
        found = await Compatibility.of_code().problem(connection)
    await engine.dispose()
    return found


async def execute_as_runtime_role(url: str, statement: str) -> None:
    engine = create_engine(settings_for(sa.make_url(url)))
    try:
        async with engine.begin() as connection:
            await connection.execute(sa.text("SET LOCAL ROLE qgp_app"))
            await connection.execute(sa.text(statement))
    finally:
        await engine.dispose()


async def a_day_at_work(url: str) -> None:
    """Sign in with a password, write, read, be kept apart: all as the database's weak owner."""
    settings = settings_for(sa.make_url(url))
    application = application_of(settings)
    try:
        await application.refuse_open_walls()
        hiring = Hiring(application)
        company, rival = await hiring.company(), await hiring.company()
        async with client(application, await password_log_in(application, company)) as owner:
            await work(owner)
            employee = await company.hire(Role.EMPLOYEE)
        async with rival.owner.signed_in() as other, employee.signed_in() as colleague:
            asked = "{ clauses { totalCount } sites { totalCount } }"
            assert await other.ask(asked) == {
                "clauses": {"totalCount": 0},
                "sites": {"totalCount": 0},
            }
            assert (await colleague.ask(asked))["clauses"]["totalCount"] > 50
        assert await seen_by_the_owner(application) == (False, 0)
    finally:
        await application.close()


async def seen_by_the_owner(application: Application) -> tuple[bool, int]:
    """Whether the database's owner is strong, and how many users it sees on its own."""
    role = "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"
    async with application.engine.connect() as connection:
        strong = await connection.scalar(sa.text(role))
        return bool(strong), await connection.scalar(sa.text("SELECT count(*) FROM users"))


async def password_log_in(application: Application, company: Company) -> str:
    """Sign the owner in, renew the tokens, and return the access token."""
    hasher = application.services.hasher
    asked = sa.select(User.account_id).where(User.id == company.owner.user_id)
    async with application.database.read(Scope(company.organization_id)) as session:
        account_id = (await session.scalars(asked)).one()
    await accounts.set_password(
        application.database, hasher, account_id=account_id, password=PASSWORD
    )
    async with client(application) as nobody:
        wrong = await nobody.do("login", "accessToken", email=company.owner.email, password="no")
        assert [error["code"] for error in wrong["errors"]] == ["INVALID_CREDENTIALS"]
        granted = await nobody.do(
            "login", "accessToken refreshToken", email=company.owner.email, password=PASSWORD
        )
        assert granted["errors"] == []
        renewed = await nobody.do(
            "tokenRefresh", "accessToken", refreshToken=granted["refreshToken"]
        )
        assert renewed["errors"] == []
    token: str = renewed["accessToken"]
    return token


async def work(owner: Client) -> None:
    code = secrets.token_hex(4)
    site = await owner.do("siteCreate", "site { id }", code=code, name="A", idempotencyKey="k")
    again = await owner.do("siteCreate", "site { id }", code=code, name="A", idempotencyKey="k")
    assert site == again
    assert site["errors"] == []
    changed = await owner.do(
        "siteUpdate", "site { version }", id=site["site"]["id"], expectedVersion=1, name="B"
    )
    assert changed == {"site": {"version": 2}, "errors": []}
    adopted = await owner.do("standardAdopt", familyCode="ISO9001", edition="2015")
    assert adopted["errors"] == []
    twice = await owner.do("standardAdopt", familyCode="ISO9001", edition="2015")
    assert [error["code"] for error in twice["errors"]] == ["ALREADY_EXISTS"]
    missing = await owner.do("siteCreate", code="Z", name="Z", parentId="sit_" + 32 * "0")
    assert [error["code"] for error in missing["errors"]] == ["NOT_FOUND"]
