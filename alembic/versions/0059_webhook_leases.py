"""Note the lease of a running attempt to deliver a webhook beside the instant of the next one."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    leased_until = sa.Column("leased_until", sa.DateTime(timezone=True))
    op.add_column("webhook_deliveries", leased_until)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("webhook_deliveries", "leased_until")
