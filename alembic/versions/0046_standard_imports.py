"""Record the imports of standards, which run in the background."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None

TABLE = "standard_imports"


def upgrade() -> None:
    migration_operations.set_timeouts()
    counts = ("rows_done", "added", "changed", "withdrawn")
    migration_operations.create_record_table(
        TABLE,
        *migration_operations.enum_column(TABLE, "status", "RUNNING", "COMPLETED", "FAILED"),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer()),
        *[sa.Column(name, sa.Integer(), nullable=False) for name in counts],
        sa.Column("error", sa.Text()),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        *migration_operations.check_constraints(
            TABLE,
            ended="(status = 'RUNNING') = (ended_at IS NULL)",
            failed="(status = 'FAILED') = (error IS NOT NULL)",
        ),
        refs={"standard_id": "standards", "supersedes_id": "standards"},
    )
    columns = ["organization_id", "created_at", "id"]
    op.create_index(op.f(f"ix_{TABLE}_{'_'.join(columns)}"), TABLE, columns)
    migration_operations.create_author_references(TABLE)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(TABLE)
