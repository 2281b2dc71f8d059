"""Index what waits for verifiers of actions and for those who decide on findings."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.create_index(
        "ix_actions_unverified",
        "actions",
        ["organization_id", "status", "completed_at", "id"],
        postgresql_where=sa.text("is_verification_required"),
    )
    op.create_index(
        "ix_findings_requested_change",
        "findings",
        ["organization_id", "requested_change", "requested_at", "id"],
        postgresql_where=sa.text("requested_change IS NOT NULL"),
    )


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_index(
        "ix_findings_requested_change",
        table_name="findings",
        postgresql_where=sa.text("requested_change IS NOT NULL"),
    )
    op.drop_index(
        "ix_actions_unverified",
        table_name="actions",
        postgresql_where=sa.text("is_verification_required"),
    )
