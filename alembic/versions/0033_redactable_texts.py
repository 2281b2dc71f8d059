"""Keep texts that can be redacted beside the trail, which seals a salted digest of each."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migrating, row_security

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

TABLE = "audit_texts"


def upgrade() -> None:
    migrating.start()
    migrating.create_owned(
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
    migrating.index(TABLE, of_record=["entity", "entity_id"])
    migrating.run(row_security.REDACTION_FUNCTIONS, row_security.redactable(TABLE))


def downgrade() -> None:
    migrating.start()
    op.drop_table(TABLE)
    op.execute("DROP FUNCTION removal_is_told()")
