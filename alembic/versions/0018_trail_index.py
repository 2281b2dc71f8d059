"""Find what was done at a time."""

from alembic import op

from qgp.kit import migrating

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INDEX = "ix_audit_entries_organization_id_at"


def upgrade() -> None:
    migrating.start()
    op.create_index(_INDEX, "audit_entries", ["organization_id", "at"])


def downgrade() -> None:
    migrating.start()
    op.drop_index(_INDEX, "audit_entries")
