"""Add mail of notifications: its state, the preferences of users, and their quiet hours."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0065"
down_revision = "0064"
branch_labels = None
depends_on = None

NOTIFICATIONS, PREFERENCES, QUIET_HOURS = (
    "notifications",
    "notification_preferences",
    "quiet_hours",
)
FREQUENCIES = ("OFF", "INSTANT", "DAILY", "WEEKLY")


def upgrade() -> None:
    migration_operations.set_timeouts()
    frequency, is_frequency = migration_operations.enum_column(
        NOTIFICATIONS, "mail_frequency", *FREQUENCIES, nullable=True
    )
    for column in (
        sa.Column("due_on", sa.Date()),
        sa.Column("is_in_app", sa.Boolean(), server_default=sa.true(), nullable=False),
        frequency,
        sa.Column("mail_id", sa.Uuid()),
        sa.Column("mailed_at", sa.DateTime(timezone=True)),
    ):
        op.add_column(NOTIFICATIONS, column)
    op.create_check_constraint(is_frequency.name, NOTIFICATIONS, is_frequency.sqltext)
    op.create_index(
        "ix_notifications_of_mail",
        NOTIFICATIONS,
        ["organization_id", "mail_id", "recipient_id"],
        postgresql_where=sa.text("mail_frequency IS NOT NULL"),
    )
    _create_preferences()
    _create_quiet_hours()


def _create_preferences() -> None:
    kinds = ("ASSIGNED", "WAITING", "MENTIONED", "WATCHED_CHANGE")
    due = ("DUE_SOON", "DUE", "OVERDUE", "ESCALATED")
    migration_operations.create_organization_table(
        PREFERENCES,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        *migration_operations.enum_column(PREFERENCES, "kind", *kinds, *due),
        *migration_operations.enum_column(PREFERENCES, "channel", "IN_APP", "MAIL"),
        *migration_operations.enum_column(PREFERENCES, "frequency", *FREQUENCIES),
        *migration_operations.check_constraints(
            PREFERENCES, in_app="channel <> 'IN_APP' OR frequency IN ('OFF', 'INSTANT')"
        ),
        key=["user_id", "kind", "channel"],
        grants="SELECT, INSERT, UPDATE, DELETE",
    )
    migration_operations.create_reference(PREFERENCES, "user_id", "users")


def _create_quiet_hours() -> None:
    migration_operations.create_organization_table(
        QUIET_HOURS,
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("start_time", sa.Time(), nullable=False),
        sa.Column("end_time", sa.Time(), nullable=False),
        *migration_operations.check_constraints(QUIET_HOURS, not_empty="start_time <> end_time"),
        key=["user_id"],
        grants="SELECT, INSERT, UPDATE, DELETE",
    )
    migration_operations.create_reference(QUIET_HOURS, "user_id", "users")


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(QUIET_HOURS)
    op.drop_table(PREFERENCES)
    op.drop_index("ix_notifications_of_mail", NOTIFICATIONS)
    for column in ("mailed_at", "mail_id", "mail_frequency", "is_in_app", "due_on"):
        op.drop_column(NOTIFICATIONS, column)
