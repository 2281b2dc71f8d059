"""Code on a database that has gone further: ready, unless a migration declares a higher floor."""

import asyncio
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import create_async_engine

from qgp import migrations
from qgp.embedded.server import Server
from qgp.migrations.record import FIRST
from tests.migrations.conftest import administer, migrate, settings_at

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

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        source = Path(migrations.config().get_main_option("script_location") or "")
        shutil.copytree(source, folder, ignore=shutil.ignore_patterns("__pycache__"))
        self.folder = folder
        (self.head,) = migrations.Compatibility.of_code().heads

    def add(self, revision: str, *, floor: str | None = None) -> None:
        """Write and apply one more migration."""
        text = NEXT.format(revision=revision, after=self.head, floor=repr(floor))
        (self.folder / "versions" / f"{revision}_add.py").write_text(text)
        self.head = revision
        with settings_at(self.server.url("qgp")):
            command.upgrade(self._config(), "head")

    def back(self) -> None:
        with settings_at(self.server.url("qgp")):
            command.downgrade(self._config(), "-1")

    def _config(self) -> Config:
        config = Config()
        config.set_main_option("script_location", str(self.folder))
        config.set_main_option("path_separator", "os")
        return config


@pytest.fixture
def newer(fresh: Server, tmp_path: Path) -> Newer:
    migrate(fresh.url("qgp"), "head")
    return Newer(tmp_path / "alembic", fresh)


def problem(server: Server) -> Mapping[str, str] | None:
    """Return what this code's readiness says of the database."""

    async def ask() -> Mapping[str, str] | None:
        engine = create_async_engine(server.url("qgp"))
        async with engine.connect() as connection:
            found = await migrations.Compatibility.of_code().problem(connection)
        await engine.dispose()
        return found

    return asyncio.run(ask())


def test_code_is_ready_on_newer_migrations_until_one_declares_a_higher_floor(
    newer: Newer, fresh: Server
) -> None:
    ours = newer.head
    assert problem(fresh) is None
    newer.add("9001")
    newer.add("9002", floor=ours)
    assert problem(fresh) is None
    assert administer(fresh, LISTED, database="qgp")[-2:] == [["9001", ""], ["9002", ours]]
    newer.add("9003", floor="9001")
    assert problem(fresh) == {"migrations": "need newer code"}
    newer.back()
    assert problem(fresh) is None


def test_code_is_not_ready_before_all_its_migrations_are_applied(fresh: Server) -> None:
    assert problem(fresh) == {"migrations": "behind the code"}
    migrate(fresh.url("qgp"), "head", "-1")
    assert problem(fresh) == {"migrations": "behind the code"}
    migrate(fresh.url("qgp"), "head")
    assert problem(fresh) is None


def test_every_migration_since_the_list_exists_is_listed_and_taken_off_it(fresh: Server) -> None:
    scripts = ScriptDirectory.from_config(migrations.config())
    later = sorted(
        script.revision for script in scripts.walk_revisions() if script.revision >= FIRST
    )
    migrate(fresh.url("qgp"), "head")
    listed = [row[0] for row in administer(fresh, LISTED, database="qgp")]
    assert listed == later
    migrate(fresh.url("qgp"), "base")
    left = "SELECT count(*) FROM pg_class WHERE relname = 'applied_migrations'"
    assert administer(fresh, left, database="qgp") == [["0"]]


def test_a_floor_is_a_migration_that_exists() -> None:
    scripts = list(ScriptDirectory.from_config(migrations.config()).walk_revisions())
    floors = {getattr(script.module, "needs_code", None) for script in scripts}
    assert floors - {None} <= {script.revision for script in scripts}
