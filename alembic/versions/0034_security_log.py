"""Add the security log of an organization: refusals, which are kept for a time."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations, row_security
from qgp.kit.migration_operations import enum_column

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

TABLE = "security_events"


def upgrade() -> None:
    migration_operations.set_timeouts()
    same = ["organization_id", "actor_id", "action", "kind", "code", "hour"]
    migration_operations.create_organization_table(
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        *enum_column(TABLE, "kind", "COMMAND_DENIED", "SIGNATURE_FAILED"),
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("record_id", sa.Text()),
        sa.Column("request_id", sa.Text()),
        sa.Column("hour", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("occurrences", sa.Integer(), nullable=False),
        sa.UniqueConstraint(*same, name=op.f(f"uq_{TABLE}_of_hour")),
        key=["id"],
        grants="SELECT, INSERT, DELETE, UPDATE (occurrences, last_at)",
    )
    migration_operations.create_indexes(TABLE, first_at=["first_at", "id"])
    migration_operations.execute(row_security.kept(TABLE, by="last_at", days=30))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(TABLE)
