"""Add signatures, which nobody changes."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migrating, row_security
from qgp.kit.migrating import choice, subject

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_TABLE = "signatures"
_MEANINGS = ("AUTHORED", "REVIEWED", "APPROVED", "VERIFIED", "ACKNOWLEDGED", "REJECTED")


def upgrade() -> None:
    migrating.start()
    migrating.create_record(
        _TABLE,
        *subject(),
        *choice(_TABLE, "meaning", *_MEANINGS),
        sa.Column("printed_name", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_version", sa.Integer(), nullable=False),
        sa.Column("content_sha256", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        *choice(_TABLE, "auth_method", "PASSWORD"),
        sa.Column("previous_sha256", sa.Text()),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("signer_id", sa.Uuid(), nullable=False),
    )
    migrating.point(_TABLE, "signer_id", "users")
    migrating.people(_TABLE)
    migrating.index_subject(_TABLE, "signed_at", "id")
    for name, columns in {"latest": [], "of_signer": ["signer_id"]}.items():
        order = ["organization_id", *columns, "signed_at", "id"]
        op.create_index(op.f(f"ix_{_TABLE}_{name}"), _TABLE, order)
    migrating.run(row_security.append_only(_TABLE))
    op.execute(f"REVOKE UPDATE, DELETE ON {_TABLE} FROM qgp_app")


def downgrade() -> None:
    migrating.start()
    op.drop_table(_TABLE)
