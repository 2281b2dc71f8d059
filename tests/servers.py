"""PostgreSQL servers that no migration has touched, and their databases."""

import io
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import cache
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic import config as program

from qgp import migrations
from qgp.embedded.account import Account
from qgp.embedded.binaries import Binaries, find
from qgp.embedded.join import temporary
from qgp.embedded.server import Server
from qgp.kit.backup_access import BACKUP_ROLE
from qgp.kit.runtime_role import RUNTIME_ROLE
from qgp.settings import settings
from tests.memory import in_memory

OLDEST = Path("/usr/lib/postgresql/15/bin")
# Databases and roles of the tests before, then the database that a new cluster has.
_CLEAR = """
SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
WHERE NOT datistemplate AND datname <> 'postgres' \\gexec
SELECT 'DROP ROLE ' || string_agg(quote_ident(rolname), ', ') FROM pg_roles
WHERE oid >= 16384 HAVING count(*) > 0 \\gexec
CREATE DATABASE qgp STRATEGY file_copy;
"""


@pytest.fixture(scope="session")
def newest_server() -> Iterator[Server]:
    """A server for `fresh`, which starts it once."""
    with temporary(in_memory()) as server:
        yield server


@pytest.fixture(scope="session")
def oldest_server() -> Iterator[Server]:
    """A server for `oldest`, which starts it once."""
    if not OLDEST.exists():
        pytest.skip(f"no {OLDEST} here")
    with temporary_of(Binaries(OLDEST, 15)) as server:
        yield server


@pytest.fixture
def fresh(newest_server: Server) -> Server:
    """A server with nothing of other tests: no roles, and one database, which is empty."""
    return cleared(newest_server)


@pytest.fixture
def oldest(oldest_server: Server) -> Server:
    """The oldest PostgreSQL that is supported, where the machine has one, likewise."""
    return cleared(oldest_server)


def cleared(server: Server) -> Server:
    """Return the server without roles and databases of other tests."""
    run([*_psql(server, "postgres"), "-v", "ON_ERROR_STOP=1", "-f", "-"], text=_CLEAR)
    return server


@contextmanager
def temporary_of(binaries: Binaries) -> Iterator[Server]:
    """Start a server from given programs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "binaries", binaries)
        starting = temporary(in_memory())
        server = starting.__enter__()
    vars(server)["binaries"] = binaries
    try:
        yield server
    finally:
        starting.__exit__(None, None, None)


def migrate(url: str, *steps: str) -> None:
    """Do what `alembic upgrade` and `alembic downgrade` do; a leading dash goes down."""
    with settings_at(url):
        for step in steps:
            is_down = step == "base" or step.startswith("-")
            (command.downgrade if is_down else command.upgrade)(migrations.config(), step)


def downgrade(url: str, revision: str) -> None:
    """Go back to a revision."""
    with settings_at(url):
        command.downgrade(migrations.config(), revision)


def check(url: str) -> None:
    """Do what `alembic check` does."""
    with settings_at(url):
        command.check(migrations.config())


def alembic(
    url: str, *words: str, output: io.StringIO | None = None, **environment: str
) -> tuple[int, str]:
    """Run the program `alembic` in this process; return its exit code and what it writes.

    White space is one space each: on a terminal, alembic wraps lines.
    """
    output = output or io.StringIO()
    code = 0
    with (
        settings_at(url, APP_ENV="test", **environment),
        redirect_stdout(output),
        redirect_stderr(output),
    ):
        try:
            program.main(argv=list(words))
        except SystemExit as end:
            code = int(end.code or 0)
    return code, " ".join(output.getvalue().split())


@contextmanager
def settings_at(url: str, **environment: str) -> Iterator[None]:
    """Point the process at another database."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"DATABASE_URL": url, **environment}.items():
            patch.setenv(name, value)
        settings.cache_clear()
        yield
    settings.cache_clear()


def owned_by(server: Server, user: str, name: str = "", *, template: str = "template1") -> str:
    """Make a database of a user's own and return its address for that user."""
    name = name or user
    copied = f'TEMPLATE "{template}" STRATEGY file_copy'
    administer(server, f'CREATE DATABASE "{name}" OWNER "{user}" {copied}')
    address = sa.make_url(server.url(name)).set(username=user)
    return address.render_as_string(hide_password=False)


def administer(
    server: Server | sa.URL, *statements: str, database: str = "postgres"
) -> list[list[str]]:
    """Run statements as the server's superuser; return the rows of the last one."""
    commands = [part for statement in statements for part in ("-c", statement)]
    text = run([*_psql(server, database), *commands]).strip("\n")
    return [row.split("\x1f") for row in text.split("\x1e") if row]


def copy(source: sa.URL, server: Server) -> None:
    """Copy a migrated database of the newest server into the empty one of another server.

    That takes a second; the migrations would take several.
    """
    address = ["-h", str(source.query["host"]), "-U", "qgp", "-d", str(source.database)]
    dump = run([str(_newest_programs()["pg_dump"]), *address])
    roles = "".join(
        f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS;\n"
        for role in (RUNTIME_ROLE, BACKUP_ROLE)
    )
    run([*_psql(server, "qgp"), "-v", "ON_ERROR_STOP=1", "-f", "-"], text=roles + dump)


def _psql(server: Server | sa.URL, database: str) -> list[str]:
    address = server if isinstance(server, sa.URL) else sa.make_url(server.url())
    programs = _newest_programs() if isinstance(server, sa.URL) else server.binaries
    shape = ["-XAtq", "-F", "\x1f", "-R", "\x1e", "-U", "qgp"]
    return [str(programs["psql"]), *shape, "-h", str(address.query["host"]), "-d", database]


@cache
def _newest_programs() -> Binaries:
    return find(Account.for_server())


def run(arguments: list[str], *, text: str | None = None) -> str:
    """Run a program, which reads `text`, and return what it prints."""
    ended = subprocess.run(arguments, input=text, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
