"""Find a user's old idempotency keys without looking at all of them."""

from alembic import op

from qgp.kit import migration_operations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INDEX = "ix_idempotency_keys_organization_id_user_id_created_at"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.create_index(_INDEX, "idempotency_keys", ["organization_id", "user_id", "created_at"])


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_index(_INDEX)
