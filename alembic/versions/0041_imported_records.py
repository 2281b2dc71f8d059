"""Mark findings and actions that a CSV import created, with their former reference."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None

TABLES = ("findings", "actions")


def upgrade() -> None:
    migration_operations.set_timeouts()
    for table in TABLES:
        op.add_column(table, sa.Column("legacy_reference", sa.Text()))
        op.add_column(table, sa.Column("imported_at", sa.DateTime(timezone=True)))
        name = op.f(f"uq_{table}_organization_id_legacy_reference")
        op.create_unique_constraint(name, table, ["organization_id", "legacy_reference"])


def downgrade() -> None:
    migration_operations.set_timeouts()
    for table in TABLES:
        op.drop_column(table, "imported_at")
        op.drop_column(table, "legacy_reference")
