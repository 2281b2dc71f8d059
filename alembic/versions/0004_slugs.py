"""Let the operator's commands find an organization by its slug."""

from alembic import op

from qgp.kit import migrating, row_security

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migrating.start()
    migrating.run(row_security.known_by_name("organizations"))


def downgrade() -> None:
    migrating.start()
    op.execute("DROP POLICY known_by_name ON organizations")
