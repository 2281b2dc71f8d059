"""Remember when each record entered each of its states."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations, trail_triggers

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TABLE = "status_events"


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_organization_table(
        _TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("from_status", sa.Text()),
        sa.Column("to_status", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Uuid()),
        sa.Column("reason", sa.Text()),
        key=["id"],
        grants="SELECT, INSERT",
    )
    columns = ["entity", "entity_id", "at"]
    op.create_index(
        op.f(f"ix_{_TABLE}_organization_id_{'_'.join(columns)}"),
        _TABLE,
        ["organization_id", *columns],
    )
    migration_operations.execute(trail_triggers.append_only(_TABLE))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(_TABLE)
