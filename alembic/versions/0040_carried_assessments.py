"""Let assessments be carried over from others, to be reviewed."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None

TABLE = "clause_assessments"
FLAG, SOURCE = "is_review_required", "carried_from_id"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column(TABLE, sa.Column(FLAG, sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column(TABLE, sa.Column(SOURCE, sa.Uuid()))
    columns = ["organization_id", SOURCE]
    op.create_index(op.f(f"ix_{TABLE}_{'_'.join(columns)}"), TABLE, columns)
    migration_operations.create_reference(TABLE, SOURCE, TABLE)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column(TABLE, SOURCE)
    op.drop_column(TABLE, FLAG)
