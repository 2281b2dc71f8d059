"""Add rules of reminders."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

TABLE = "reminder_rules"


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_record_table(
        TABLE,
        sa.Column("due_date", sa.Text(), nullable=False),
        sa.Column("remind_days", sa.ARRAY(sa.Integer()), nullable=False),
        sa.Column("escalate_after_days", sa.Integer()),
        migration_operations.unique_in_organization("due_date", table=TABLE),
        *migration_operations.check_constraints(
            TABLE, escalate_after_days="escalate_after_days BETWEEN 1 AND 60"
        ),
    )
    migration_operations.create_author_references(TABLE)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(TABLE)
