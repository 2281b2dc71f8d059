"""Let imported clauses name the withdrawn clauses of their source that became part of them."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0049"
down_revision = "0048"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    texts = sa.ARRAY(sa.Text())
    op.add_column("clauses", sa.Column("former_keys", texts, nullable=False, server_default="{}"))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("clauses", "former_keys")
