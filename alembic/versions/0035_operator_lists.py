"""Let the operator's commands list the organizations."""

from alembic import op

from qgp.kit import migrating, row_security

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migrating.start()
    migrating.run(row_security.known_to_operator("organizations"))


def downgrade() -> None:
    migrating.start()
    op.execute("DROP POLICY known_to_operator ON organizations")
