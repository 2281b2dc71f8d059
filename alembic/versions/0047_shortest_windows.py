"""Add the shortest effectiveness window of a CAPA's round, as of the start of its window.

Rounds whose plan was released before have none: the present setting judges them.
"""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column("capas", sa.Column("shortest_window_days", sa.Integer()))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("capas", "shortest_window_days")
