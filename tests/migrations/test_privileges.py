"""Privileges as in production: the database user is no superuser, and everything works."""

import asyncio
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp.accounts.commands import accounts
from qgp.app import Application
from qgp.embedded.server import Server
from qgp.kit.policy import Role
from qgp.kit.session import Scope
from qgp.migrations import Compatibility
from qgp.pools import create_engine
from qgp.row_security_check import require_row_security
from qgp.users.model import User
from tests.company import Client, Company, Hiring, client
from tests.environment import application_of, settings_for
from tests.migrations.test_migrations import LEFT, SHAPE
from tests.servers import administer, check, migrate, owned_by

PASSWORD = "correct horse battery staple"


@pytest.fixture(params=["fresh", "oldest"])
def server(request: pytest.FixtureRequest) -> Server:
    """A server of the newest and of the oldest PostgreSQL that is supported."""
    server: Server = request.getfixturevalue(request.param)
    return server


def statement_in(message: object) -> str:
    """Return the one statement that a refused migration asks for."""
    (statement,) = re.findall(r"^    (\S.*;)$", str(message), re.MULTILINE)
    return str(statement)


UNCOVERED = """SELECT relname FROM pg_class c WHERE relnamespace = 'public'::regnamespace
    AND relrowsecurity AND NOT EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid
    AND p.polname = 'backup_rows' AND p.polroles = ARRAY['qgp_backup'::regrole::oid])"""


def refusal(url: str) -> str:
    """Return the statement that is asked for where migrations are refused."""
    with pytest.raises(SystemExit) as refused:
        migrate(url, "head")
    return statement_in(refused.value)


TRAIL = "SELECT relname FROM pg_class WHERE relname = 'audit_entries'"


def test_a_user_who_may_not_create_roles_receives_the_one_statement(server: Server) -> None:
    administer(server, "CREATE ROLE plain LOGIN")
    url = owned_by(server, "plain")
    statement = refusal(url)
    assert statement == "CREATE ROLE qgp_app NOLOGIN NOSUPERUSER NOBYPASSRLS ROLE plain;"
    assert administer(server, TRAIL, database="plain") == []
    administer(server, statement)
    migrate(url, "0002")  # only the first one needs the role
    assert administer(server, TRAIL, database="plain") == [["audit_entries"]]


@pytest.fixture(scope="module")
async def shape(engine: AsyncEngine) -> list[list[str]]:
    """The shape of the run's database, which a superuser has migrated."""
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql(SHAPE)
        return [[str(value) for value in row] for row in rows]


def test_a_user_who_is_not_yet_a_member_receives_the_one_statement_and_needs_no_other(
    server: Server, shape: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Up and, on a copy, down to nothing as a user without rights, whose name needs quotes."""
    administer(server, 'CREATE ROLE "a user" LOGIN', "CREATE ROLE qgp_app NOLOGIN")
    url = owned_by(server, "a user")
    statement = refusal(url)
    assert statement == 'GRANT qgp_app TO "a user";'
    administer(server, statement)
    migrate(url, "head")
    statement = statement_in(capsys.readouterr().err)
    migrate(owned_by(server, "a user", "copy", template="a user"), "base")
    assert administer(server, LEFT, database="copy") == []
    asyncio.run(a_day_at_work(url))
    capsys.readouterr()
    assert statement == 'CREATE ROLE qgp_backup NOLOGIN NOSUPERUSER NOBYPASSRLS ROLE "a user";'
    administer(server, statement)
    migrate(url, "head")
    assert capsys.readouterr().err == ""
    assert administer(server, UNCOVERED, database="a user") == []
    check(url)
    assert comparable(administer(server, SHAPE, database="a user")) == comparable(shape)
    may_not_grant(server, url, capsys)


def comparable(shape: list[list[str]]) -> list[list[str]]:
    """Leave out what differs by owner and by version of PostgreSQL."""
    return sorted(
        row for row in shape if row[1] not in {"qgp", "a user"} and not row[1].endswith("_not_null")
    )


def may_not_grant(server: Server, owner: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Prove what an owner of migrated tables is told whose application has another user."""
    administer(server, 'CREATE ROLE "the app" LOGIN')
    capsys.readouterr()
    with migrated_by(owner) as url:
        migrate(url, "head")
        statement = statement_in(capsys.readouterr().err)
        assert statement == 'GRANT qgp_app TO "the app";'
        assert asyncio.run(readiness(url)) == {"role": "the database user may not act as qgp_app"}
        administer(server, statement)
        migrate(url, "head")
        assert capsys.readouterr().err == ""
        assert asyncio.run(readiness(url)) is None


@contextmanager
def migrated_by(owner: str, user: str = "the app") -> Iterator[str]:
    """Set the application's user as the one who migrates."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_MIGRATION_URL", owner)
        yield sa.make_url(owner).set(username=user).render_as_string(hide_password=False)


REFUSED_DDL = ["CREATE TABLE mine (id int)", "DROP TABLE sites", "TRUNCATE sites"]
OWNED = "SELECT count(*) FROM pg_class WHERE relowner = '\"the app\"'::regrole"


def test_an_owner_who_may_create_roles_needs_nobody(
    server: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither alone nor with an application whose user owns nothing."""
    administer(server, "CREATE ROLE maker LOGIN CREATEROLE")
    owner = owned_by(server, "maker")
    migrate(owner, "head")
    asyncio.run(a_day_at_work(owner))
    administer(server, 'CREATE ROLE "the app" LOGIN')
    with migrated_by(owner) as url:
        migrate(url, "head")
        assert "GRANT" not in capsys.readouterr().err
        owns_nothing(server, url)
    with migrated_by(owner, "nobody") as url:
        migrate(url, "head")
    statement = statement_in(capsys.readouterr().err)
    assert statement == "CREATE ROLE nobody LOGIN PASSWORD '…' IN ROLE qgp_app;"


def owns_nothing(server: Server, url: str) -> None:
    """Prove that the application serves as a user who owns nothing and changes no table."""
    with structlog.testing.capture_logs() as logs:
        asyncio.run(a_day_at_work(url))
    assert "database_user_owns_tables" not in [line["event"] for line in logs]
    assert administer(server, OWNED, database="maker") == [["0"]]
    assert asyncio.run(readiness(url)) is None
    for statement in REFUSED_DDL:
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"):
            asyncio.run(execute_as_runtime_role(url, statement))


async def readiness(url: str) -> Mapping[str, str] | None:
    """Return what `/readyz` would say to the user of an address."""
    engine = create_engine(settings_for(sa.make_url(url)))
    async with engine.connect() as connection:
        problem = await Compatibility.of_code().problem(connection)
    await engine.dispose()
    return problem


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
        await require_row_security(application.probe_engine)
        hiring = Hiring(application)
        company, rival = await hiring.company(), await hiring.company()
        async with client(application, await password_log_in(application, company)) as owner:
            await work(owner)
            employee = await company.hire(Role.EMPLOYEE)
        async with rival.owner.signed_in() as other, employee.signed_in() as colleague:
            query = "{ clauses { totalCount } sites { totalCount } }"
            assert await other.ask(query) == {
                "clauses": {"totalCount": 0},
                "sites": {"totalCount": 0},
            }
            assert (await colleague.ask(query))["clauses"]["totalCount"] > 50
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
    statement = sa.select(User.account_id).where(User.id == company.owner.user_id)
    async with application.database.read(Scope(company.organization_id)) as session:
        account_id = (await session.scalars(statement)).one()
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
