"""Let the operator's commands find an organization by its slug."""

from alembic import op

from qgp.kit import migration_operations, row_security

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute(row_security.known_by_name("organizations"))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.execute("DROP POLICY known_by_name ON organizations")
