"""Find assessments in the order of their registers, and by how they stand."""

from alembic import op

from qgp.kit import migration_operations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TABLE = "clause_assessments"
_INDEXES = {
    "latest": ["assessed_at", "id"],
    "of_clause": ["clause_id", "assessed_at", "id"],
    "standing": ["conformity", "implementation", "assessed_at", "id"],
}


def upgrade() -> None:
    migration_operations.set_timeouts()
    for name, columns in _INDEXES.items():
        op.create_index(f"ix_{_TABLE}_{name}", _TABLE, ["organization_id", *columns])


def downgrade() -> None:
    migration_operations.set_timeouts()
    for name in _INDEXES:
        op.drop_index(f"ix_{_TABLE}_{name}")
