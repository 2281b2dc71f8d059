"""Store the manifest of each signature: the columns and row versions that it seals.

Signatures of before have none, and are not filled in: their hash covers their columns.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qgp.kit import migration_operations

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column("signatures", sa.Column("sealed", postgresql.JSONB()))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("signatures", "sealed")
