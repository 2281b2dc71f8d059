"""Add watches, and the reason of notifications that end with one."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None

TABLE, NOTIFICATIONS = "watches", "notifications"
FORMER = ("REASSIGNED", "DONE", "DELETED", "RECIPIENT_LEFT")
UNWATCHED = "UNWATCHED"


def upgrade() -> None:
    migration_operations.set_timeouts()
    once = ["organization_id", "user_id", "subject_id"]
    migration_operations.create_organization_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("subject_type", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(*once, name=op.f("uq_watches_user_subject")),
        key=["id"],
        grants="SELECT, INSERT, DELETE",
    )
    migration_operations.create_reference(TABLE, "user_id", "users")
    migration_operations.create_indexes(TABLE, of_subject=["subject_id"])
    _limit_reasons(*FORMER, UNWATCHED)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.execute(f"ALTER TABLE {NOTIFICATIONS} NO FORCE ROW LEVEL SECURITY")
    rows = sa.table(NOTIFICATIONS, sa.column("cancel_reason"))
    is_unwatched = rows.c.cancel_reason == UNWATCHED
    op.execute(sa.update(rows).where(is_unwatched).values(cancel_reason="DONE"))
    op.execute(f"ALTER TABLE {NOTIFICATIONS} FORCE ROW LEVEL SECURITY")
    _limit_reasons(*FORMER)
    op.drop_table(TABLE)


def _limit_reasons(*reasons: str) -> None:
    name, listed = op.f(f"ck_{NOTIFICATIONS}_cancel_reason"), ", ".join(f"'{it}'" for it in reasons)
    op.drop_constraint(name, NOTIFICATIONS)
    op.create_check_constraint(name, NOTIFICATIONS, f"cancel_reason IN ({listed})")
