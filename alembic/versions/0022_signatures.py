"""Add signatures, which nobody changes."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations, trail_triggers
from qgp.kit.migration_operations import enum_column, subject_columns

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLE = "signatures"
_MEANINGS = ("AUTHORED", "REVIEWED", "APPROVED", "VERIFIED", "ACKNOWLEDGED", "REJECTED")


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_record_table(
        _TABLE,
        *subject_columns(),
        *enum_column(_TABLE, "meaning", *_MEANINGS),
        sa.Column("printed_name", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        *enum_column(_TABLE, "auth_method", "PASSWORD"),
        sa.Column("previous_sha256", sa.Text()),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=False),
    )
    migration_operations.create_reference(_TABLE, "signer_id", "users")
    migration_operations.create_author_references(_TABLE)
    migration_operations.create_subject_index(_TABLE, "signed_at", "id")
    for name, columns in {"latest": [], "of_signer": ["signer_id"]}.items():
        order = ["organization_id", *columns, "signed_at", "id"]
        op.create_index(op.f(f"ix_{_TABLE}_{name}"), _TABLE, order)
    migration_operations.execute(trail_triggers.append_only(_TABLE))
    op.execute(f"REVOKE UPDATE, DELETE ON {_TABLE} FROM qgp_app")


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_table(_TABLE)
