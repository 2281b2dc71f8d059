"""Code on a database that has gone further: ready, unless a migration declares a higher floor."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from qgp import migrations
from qgp.embedded.server import Server
from tests.servers import administer, migrate, settings_at

NEXT = '''"""Add a column."""

import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{after}"
needs_code = {floor}


def upgrade() -> None:
    op.add_column("sites", sa.Column("note_{revision}", sa.Text()))


def downgrade() -> None:
    op.drop_column("sites", "note_{revision}")
'''
LISTED = "SELECT revision, needs_code FROM applied_migrations ORDER BY revision"


class Newer:
    """The migrations of a later release."""

    def __init__(self, folder: Path, url: str) -> None:
        self.url = url
        source = Path(migrations.config().get_main_option("script_location") or "")
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.folder = folder
        (self.head,) = migrations.Compatibility.of_code().heads

    def add(self, revision: str, *, floor: str | None = None) -> None:
        """Write and apply one more migration."""
        text = NEXT.format(revision=revision, after=self.head, floor=repr(floor))
        (self.folder / "versions" / f"{revision}_add.py").write_text(text)
        self.head = revision
        with settings_at(self.url):
            command.upgrade(self._config(), "head")

    def back(self) -> None:
        with settings_at(self.url):
            command.downgrade(self._config(), "-1")

    def _config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("path_separator", "os")
        return config


@pytest.fixture
def url(at_head: sa.URL) -> str:
    return at_head.render_as_string(hide_password=False)


@pytest.fixture
def newer(url: str, tmp_path: Path) -> Newer:
    return Newer(tmp_path / "alembic", url)


def problem(url: str) -> Mapping[str, str] | None:
    """Return what this code's readiness says of the database."""

    async def ask() -> Mapping[str, str] | None:
        engine = create_async_engine(url)
        async with engine.connect() as connection:
            problem = await migrations.Compatibility.of_code().problem(connection)
        await engine.dispose()
        return problem

    return asyncio.run(ask())


def test_code_is_ready_on_newer_migrations_until_one_declares_a_higher_floor(
    newer: Newer, at_head: sa.URL, url: str
) -> None:
    ours = newer.head
    assert problem(url) is None
    newer.add("9001")
    newer.add("9002", floor=ours)
    assert problem(url) is None
    listed = administer(at_head, LISTED, database=str(at_head.database))
    assert listed[-2:] == [["9001", ""], ["9002", ours]]
    newer.add("9003", floor="9001")
    assert problem(url) == {"migrations": "need newer code"}
    newer.back()
    assert problem(url) is None


def test_code_is_not_ready_before_all_its_migrations_are_applied(fresh: Server, url: str) -> None:
    assert problem(fresh.url()) == {"migrations": "behind the code"}
    assert problem(url) is None
    migrate(url, "-1")
    assert problem(url) == {"migrations": "behind the code"}
    migrate(url, "head")
    assert problem(url) is None


def test_the_revisions_of_the_code_are_those_that_alembic_reads() -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    assert migrations.Compatibility.of_code() == migrations.Compatibility(
        heads=frozenset(scripts.get_heads()),
        revisions=frozenset(script.revision for script in scripts.walk_revisions()),
    )


def test_a_floor_is_a_migration_that_exists() -> None:
    scripts = list(ScriptDirectory.from_config(migrations.config()).walk_revisions())
    floors = {getattr(script.module, "needs_code", None) for script in scripts}
    assert floors - {None} <= {script.revision for script in scripts}
