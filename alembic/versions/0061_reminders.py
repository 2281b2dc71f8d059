"""Add the reminders that were sent, and the managers of users."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None

TABLE = "sent_reminders"


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_organization_table(
        TABLE,
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("days_after", sa.Integer(), nullable=False),
        key=["kind", "record_id", "due_on", "name", "days_after"],
        grants="SELECT, INSERT, DELETE",
    )
    op.add_column("users", sa.Column("manager_id", sa.Uuid()))
    migration_operations.create_reference("users", "manager_id", "users")


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("users", "manager_id")
    op.drop_table(TABLE)
