"""Every migration goes up and down, and ends where the models are."""

import re
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import ScriptDirectory
from sqlalchemy.ext.asyncio import AsyncEngine

from qgp import migrations, schema
from qgp.embedded.server import Server
from qgp.kit.model import Base
from qgp.migrations import applied
from qgp.migrations.applied import FIRST
from tests.servers import administer, check, migrate

LEFT = """SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
    AND relname !~ '^alembic_version'
    UNION SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT polname FROM pg_policy ORDER BY 1"""
CHECKS = """SELECT conrelid::regclass || '.' || conname FROM pg_constraint
    WHERE contype = 'c' AND connamespace = 'public'::regnamespace ORDER BY 1"""
SHAPE = """SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns
    WHERE table_schema = 'public' UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '' FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace UNION ALL
    SELECT tablename, indexname, indexdef, '' FROM pg_indexes WHERE schemaname = 'public' UNION ALL
    SELECT tablename, policyname, coalesce(qual, '') || coalesce(with_check, ''), cmd
    FROM pg_policies UNION ALL
    SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid), '' FROM pg_trigger
    WHERE NOT tgisinternal UNION ALL
    SELECT table_name, grantee, privilege_type, '' FROM information_schema.role_table_grants
    WHERE table_schema = 'public' ORDER BY 1, 2, 3, 4"""
BACKUP = {"backup_rows", "qgp_backup"}
LISTED = "SELECT revision FROM applied_migrations ORDER BY 1"
NOTHING = "SELECT '' WHERE false"  # before the list exists
State = tuple[list[tuple[Any, ...]], list[str]]  # the shape, and what is listed as applied


def test_there_is_one_head() -> None:
    assert len(migrations.Compatibility.of_code().heads) == 1


def noting(states: dict[str, list[State]]) -> Callable[..., None]:
    """Return what alembic calls after each step: it notes the state of the database as well."""

    def note(ctx: MigrationContext, step: MigrationInfo, **others: Any) -> None:
        applied.note(ctx, step, **others)
        assert ctx.connection is not None
        (revision,) = step.destination_revision_ids or ("base",)
        listed = LISTED if revision != "base" and revision >= FIRST else NOTHING
        shape = [tuple(row) for row in ctx.connection.exec_driver_sql(SHAPE)]
        revisions = [str(row[0]) for row in ctx.connection.exec_driver_sql(listed)]
        # What backups may read is granted once the last step is done.
        states[revision].append(([row for row in shape if row[1] not in BACKUP], revisions))

    return note


def test_every_step_can_be_taken_back_alone_and_again(
    fresh: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Down to nothing and up to the same shapes; each step is listed, and taken off the list."""
    url, states = fresh.url(), defaultdict[str, list[State]](list)
    migrate(url, "head")
    newest = administer(fresh, SHAPE, database="qgp")
    monkeypatch.setattr(migrations, "note", noting(states))
    migrate(url, "base")
    assert administer(fresh, LEFT, database="qgp") == []
    migrate(url, "head")
    assert administer(fresh, SHAPE, database="qgp") == newest
    scripts = ScriptDirectory.from_config(migrations.config()).walk_revisions()
    (head, *earlier) = [script.revision for script in scripts]
    assert [*states] == [*earlier, "base", head]
    for revision in earlier:
        before, after = states[revision]
        assert before == after, revision
    for revision, (state, *_) in states.items():
        assert state[1] == [
            one for one in sorted([head, *earlier]) if FIRST <= one <= revision != "base"
        ]


def test_models_and_migrations_never_differ(database_url: sa.URL) -> None:
    check(database_url.render_as_string(hide_password=False))


async def test_checks_of_models_and_migrations_never_differ(engine: AsyncEngine) -> None:
    """Alembic's own comparison does not look at them."""
    schema.import_models()
    async with engine.connect() as connection:
        checks = [*await connection.scalars(sa.text(CHECKS))]
    assert checks == sorted(
        f"{table}.{rule.name}"
        for table in Base.metadata.tables.values()
        for rule in table.constraints
        if isinstance(rule, sa.CheckConstraint)
    )


def test_every_migration_gives_up_rather_than_wait() -> None:
    for script in ScriptDirectory.from_config(migrations.config()).walk_revisions():
        source = Path(script.path).read_text()
        (body,) = re.findall(r"def upgrade\(\) -> None:\n    (.*)\n", source)
        assert body == "migration_operations.set_timeouts()", script.path
