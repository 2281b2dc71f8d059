"""Add notifications."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None

TABLE = "notifications"


def upgrade() -> None:
    migration_operations.set_timeouts()
    kinds = ("ASSIGNED", "WAITING", "MENTIONED", "WATCHED_CHANGE")
    due = ("DUE_SOON", "DUE", "OVERDUE", "ESCALATED")
    reasons = ("REASSIGNED", "DONE", "DELETED", "RECIPIENT_LEFT")
    once = ["organization_id", "recipient_id", "event_id", "kind"]
    migration_operations.create_organization_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recipient_id", sa.Uuid(), nullable=False),
        *migration_operations.enum_column(TABLE, "kind", *kinds, *due),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_name", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("field", sa.Text()),
        sa.Column("work_kind", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True)),
        sa.Column("snooze_ends_at", sa.DateTime(timezone=True)),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        *migration_operations.enum_column(TABLE, "cancel_reason", *reasons, nullable=True),
        sa.UniqueConstraint(*once, name=op.f("uq_notifications_event")),
        key=["id"],
        grants="SELECT, INSERT, UPDATE, DELETE",
    )
    migration_operations.create_reference(TABLE, "recipient_id", "users")
    for name, columns in (
        ("of_recipient", ["recipient_id", "created_at", "id"]),
        ("of_subject", ["subject_id"]),
    ):
        op.create_index(
            f"ix_{TABLE}_{name}",
            TABLE,
            ["organization_id", *columns],
            postgresql_where=sa.text("cancelled_at IS NULL"),
        )


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(TABLE)
