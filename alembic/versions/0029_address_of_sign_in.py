"""Keep the exact address of a sign-in, which has an allowance of its own."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

TABLE, INDEX = "account_events", "ix_account_events_signed_in_from"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column(TABLE, sa.Column("address", sa.Text()))
    signed_in = sa.text("kind = 'LOG_IN'")
    op.create_index(INDEX, TABLE, ["email_key", "address", "at"], postgresql_where=signed_in)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_index(INDEX)
    op.drop_column(TABLE, "address")
