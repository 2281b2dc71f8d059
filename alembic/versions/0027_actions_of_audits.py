"""Let actions be handed out for an audit."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

TABLE = "actions"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column(TABLE, sa.Column("audit_id", sa.Uuid()))
    migration_operations.create_indexes(TABLE, of_audit=["audit_id", "position", "id"])
    migration_operations.create_reference(TABLE, "audit_id", "audits")
    _one_parent("finding_id, capa_id, audit_id")


def downgrade() -> None:
    migration_operations.set_timeouts()
    _one_parent("finding_id, capa_id")
    op.drop_column(TABLE, "audit_id")


def _one_parent(columns: str) -> None:
    name = op.f("ck_actions_one_parent")
    op.drop_constraint(name, TABLE)
    op.create_check_constraint(name, TABLE, f"num_nonnulls({columns}) <= 1")
