"""Let the operator's commands list the organizations."""

from alembic import op

from qgp.kit import migration_operations, row_security

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute(row_security.known_to_operator("organizations"))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.execute("DROP POLICY known_to_operator ON organizations")
