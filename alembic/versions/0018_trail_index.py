"""Find what was done at a time."""

from alembic import op

from qgp.kit import migration_operations

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEX = "ix_audit_entries_organization_id_at"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.create_index(_INDEX, "audit_entries", ["organization_id", "at"])


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_index(_INDEX, "audit_entries")
