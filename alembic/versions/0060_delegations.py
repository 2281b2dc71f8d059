"""Add delegations of absent users."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

TABLE = "delegations"
USERS = {"delegator_id": "users", "delegate_id": "users"}


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_record_table(
        TABLE,
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text()),
        *migration_operations.check_constraints(
            TABLE, persons="delegate_id <> delegator_id", days="ends_on >= starts_on"
        ),
        refs=USERS,
        required=[*USERS],
    )
    migration_operations.create_author_references(TABLE)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(TABLE)
