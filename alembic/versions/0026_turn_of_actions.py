"""Order actions by what is at work, to be done, and over."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

TURN = (
    "CASE (status)::text WHEN 'IN_PROGRESS'::text THEN 1 WHEN 'BLOCKED'::text THEN 2 "
    "WHEN 'TODO'::text THEN 3 WHEN 'DONE'::text THEN 4 WHEN 'VERIFIED'::text THEN 5 ELSE 6 END"
)


def upgrade() -> None:
    migration_operations.set_timeouts()
    turn = sa.Column("turn", sa.Integer(), sa.Computed(TURN, persisted=True), nullable=False)
    op.add_column("actions", turn)
    _index("turn")


def downgrade() -> None:
    migration_operations.set_timeouts()
    _index("status")
    op.drop_column("actions", "turn")


def _index(state: str) -> None:
    op.drop_index("ix_actions_of_owner", table_name="actions")
    columns = ["organization_id", "owner_id", state, "due_on", "id"]
    op.create_index("ix_actions_of_owner", "actions", columns)
