"""Write the events of each change to an outbox, in the order of an organization's commits."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qgp.kit import migration_operations, outbox_partitions, row_security

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    position = sa.Column(
        "outbox_position", sa.BigInteger(), server_default=sa.text("0"), nullable=False
    )
    op.add_column("audit_heads", position)
    migration_operations.execute(row_security.known_to_operator("audit_heads"))
    op.create_table(
        "outbox_events",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("entity_version", sa.Integer(), nullable=False),
        sa.Column("part_of_id", sa.Uuid()),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("data", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint(
            "organization_id", "position", "recorded_at", name=op.f("pk_outbox_events")
        ),
        postgresql_partition_by="RANGE (recorded_at)",
    )
    migration_operations.execute(
        row_security.own_rows("outbox_events", grants="SELECT, INSERT"),
        outbox_partitions.create_partitions(),
    )


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.execute("DROP FUNCTION renew_outbox_partitions")
    op.drop_table("outbox_events")
    op.execute("DROP POLICY known_to_operator ON audit_heads")
    op.drop_column("audit_heads", "outbox_position")
