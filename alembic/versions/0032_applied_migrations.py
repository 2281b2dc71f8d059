"""List the applied migrations, for code that does not know the newest of them."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.create_table(
        "applied_migrations",
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("needs_code", sa.Text()),
        sa.Column(
            "applied_at", sa.DateTime(timezone=True), server_default=sa.func.now(), nullable=False
        ),
        sa.PrimaryKeyConstraint("revision", name=op.f("pk_applied_migrations")),
    )
    op.execute("GRANT SELECT ON applied_migrations, alembic_version TO qgp_app")


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.execute("REVOKE SELECT ON alembic_version FROM qgp_app")
    op.drop_table("applied_migrations")
