"""Applied migrations, as listed in the table `applied_migrations`.

`alembic_version` has only the newest revision, which older code does not know.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from qgp.kit.model import Base

if TYPE_CHECKING:
    from alembic.runtime.migration import MigrationContext, MigrationInfo
    from alembic.script import Script

FIRST = "0032"  # creates the table; what was applied before it is not listed

TABLE = sa.Table(
    "applied_migrations",
    Base.metadata,
    sa.Column("revision", sa.Text(), primary_key=True),
    sa.Column("needs_code", sa.Text()),
    sa.Column(
        "applied_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
    ),
)


def note(
    ctx: "MigrationContext",
    step: "MigrationInfo",
    heads: Collection[Any],  # noqa: ARG001 - alembic passes it by name
    run_args: Mapping[str, Any],  # noqa: ARG001 - likewise
) -> None:
    """Record a migration as applied, or remove its record: alembic's `on_version_apply`.

    `needs_code` of a migration's file is its floor: the revision that code has to know to work on
    a database with this migration.
    """
    for script in cast("Sequence[Script]", step.up_revisions):
        lineage = _lineage(step, script.revision)
        if step.is_upgrade and FIRST in lineage:
            floor = getattr(script.module, "needs_code", None)
            ctx.execute(TABLE.insert().values(revision=script.revision, needs_code=floor))
        elif not step.is_upgrade and FIRST in lineage - {script.revision}:
            ctx.execute(TABLE.delete().where(TABLE.c.revision == script.revision))


def _lineage(step: "MigrationInfo", revision: str) -> set[str]:
    """Return the revision and all before it."""
    return {one.revision for one in step.revision_map.iterate_revisions(revision, "base")}
