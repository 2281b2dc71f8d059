"""PostgreSQL servers that no migration has touched, and their databases."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command

from qgp import migrations
from qgp.embedded.binaries import Binaries
from qgp.embedded.join import temporary
from qgp.embedded.server import Server
from qgp.settings import settings

OLDEST = Path("/usr/lib/postgresql/15/bin")


@pytest.fixture
def fresh() -> Iterator[Server]:
    """A server of this test alone: its roles are the whole server's."""
    with temporary() as server:
        yield server


@pytest.fixture
def oldest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The oldest PostgreSQL that is supported, where the machine has one."""
    if not OLDEST.exists():
        pytest.skip(f"no {OLDEST} here")
    with temporary_of(Binaries(OLDEST, 15)) as server:
        yield server


@contextmanager
def temporary_of(binaries: Binaries) -> Iterator[Server]:
    """Start a server from given programs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Server, "binaries", binaries)
        with temporary() as server:
            yield server


def migrate(url: str, *steps: str) -> None:
    """Do what `alembic upgrade` and `alembic downgrade` do; a leading dash goes down."""
    with settings_at(url):
        for step in steps:
            down = step == "base" or step.startswith("-")
            (command.downgrade if down else command.upgrade)(migrations.config(), step)


def check(url: str) -> None:
    """Do what `alembic check` does."""
    with settings_at(url):
        command.check(migrations.config())


@contextmanager
def settings_at(url: str) -> Iterator[None]:
    """Point the process at another database."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("DATABASE_URL", url)
        settings.cache_clear()
        yield
    settings.cache_clear()


def owned_by(server: Server, user: str) -> str:
    """Make a database of a user's own and return its address for that user."""
    administer(server, f"CREATE DATABASE {user} OWNER {user}")
    return str(server.url(user)).replace("//qgp@", f"//{user}@")


def administer(server: Server, *statements: str, database: str = "postgres") -> list[list[str]]:
    """Run statements as the server's superuser; return the rows of the last one."""
    asked = [part for statement in statements for part in ("-c", statement)]
    psql = server.binaries["psql"]
    address = sa.make_url(server.url(database))
    host = str(address.query["host"])
    shape = ["-XAtq", "-F", "\x1f", "-R", "\x1e", "-h", host, "-U", "qgp", "-d", database]
    told = run([str(psql), *shape, *asked]).strip("\n")
    return [row.split("\x1f") for row in told.split("\x1e") if row]


def run(arguments: list[str]) -> str:
    """Run a program and return what it prints."""
    done = subprocess.run(arguments, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
