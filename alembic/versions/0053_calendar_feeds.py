"""Add calendar feeds: one address for each user, of whose secret the hash is kept."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None

TABLE = "calendar_feeds"


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_organization_table(
        TABLE,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_read_at", sa.DateTime(timezone=True)),
        migration_operations.unique_in_organization("secret_hash", table=TABLE),
        key=["user_id"],
        grants="SELECT, INSERT, DELETE, UPDATE (secret_hash, created_at, last_read_at)",
    )
    migration_operations.create_reference(TABLE, "user_id", "users")


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(TABLE)
