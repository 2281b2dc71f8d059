"""Let imported standards keep the ids by which further editions of them are recognized."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    texts = sa.ARRAY(sa.Text())
    op.add_column(
        "standards", sa.Column("document_ids", texts, nullable=False, server_default="{}")
    )


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("standards", "document_ids")
