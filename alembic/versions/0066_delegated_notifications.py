"""Note in notifications for whom a delegate or manager is told."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0066"
down_revision = "0065"
branch_labels = None
depends_on = None

TABLE, COLUMN = "notifications", "responsible_id"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column(TABLE, sa.Column(COLUMN, sa.Uuid()))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column(TABLE, COLUMN)
