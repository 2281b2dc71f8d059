"""Add attachments: files of records."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import enum_column

revision = "0017"
down_revision = "0011"
branch_labels = None
depends_on = None

TABLE = "attachments"
RULES = {
    "bytes": "bytes > 0",
    "sha256": "sha256 ~ '^[0-9a-f]{64}$'",
    "stored": "(stored_at IS NULL) = (mime IS NULL)",
    "here": "CASE state WHEN 'PENDING' THEN stored_at IS NULL "
    "WHEN 'STORED' THEN stored_at IS NOT NULL ELSE true END",
    "deleted": "(state = 'DELETED') = (deleted_at IS NOT NULL)",
    "explained": "(deleted_at IS NULL) = (delete_reason IS NULL)",
}
INDEXES = {
    "made": ("created_at", "id"),
    "named": ("sha256",),
    "standing": ("state", "created_at", "id"),
}


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.create_record_table(
        TABLE,
        *migration_operations.subject_columns(),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text()),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        *enum_column(TABLE, "state", "PENDING", "STORED", "DELETED"),
        sa.Column("mime", sa.Text()),
        sa.Column("stored_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("delete_reason", sa.Text()),
        *[
            sa.CheckConstraint(rule, name=op.f(f"ck_{TABLE}_{name}"))
            for name, rule in RULES.items()
        ],
        refs={"deleted_by_id": "users"},
    )
    migration_operations.create_subject_index(TABLE, "created_at", "id")
    for name, columns in INDEXES.items():
        op.create_index(op.f(f"ix_{TABLE}_{name}"), TABLE, ["organization_id", *columns])
    migration_operations.create_author_references(TABLE)


def downgrade() -> None:
    op.drop_table(TABLE)
