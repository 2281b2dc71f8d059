"""Find a user's old idempotency keys without looking at all of them."""

from alembic import op

from qgp.kit import migrating

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_INDEX = "ix_idempotency_keys_organization_id_user_id_created_at"


def upgrade() -> None:
    migrating.start()
    op.create_index(_INDEX, "idempotency_keys", ["organization_id", "user_id", "created_at"])


def downgrade() -> None:
    migrating.start()
    op.drop_index(_INDEX)
