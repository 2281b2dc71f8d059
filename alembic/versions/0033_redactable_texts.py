"""Keep texts that can be redacted beside the trail, which seals a salted digest of each."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations, trail_triggers

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLE = "audit_texts"


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_organization_table(
        TABLE,
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("entity_version", sa.Integer(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        key=["digest"],
        grants="SELECT, INSERT, DELETE",
    )
    migration_operations.create_indexes(TABLE, of_record=["entity", "entity_id"])
    migration_operations.execute(
        trail_triggers.REDACTION_FUNCTIONS, trail_triggers.redactable(TABLE)
    )


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(TABLE)
    op.execute("DROP FUNCTION removal_is_told()")
