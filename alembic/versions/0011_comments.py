"""Add comments and the users they mention."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import enum_column, subject_columns

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("comments", "comment_mentions")


def upgrade() -> None:
    migration_operations.set_timeouts()
    _comments()
    _mentions()
    migration_operations.create_author_references(*TABLES)


def _comments() -> None:
    table = "comments"
    migration_operations.create_record_table(
        table,
        *subject_columns(),
        sa.Column("body", sa.Text()),
        *enum_column(table, "visibility", "INTERNAL", "EXTERNAL"),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("parent_id", sa.Uuid()),
        sa.CheckConstraint(
            "(body IS NULL) = (deleted_at IS NOT NULL)", name=op.f(f"ck_{table}_said")
        ),
    )
    migration_operations.create_reference(table, "parent_id", table)
    migration_operations.create_subject_index(table, "created_at", "id")
    for name, column in {"of_parent": "parent_id", "of_author": "created_by_id"}.items():
        order = ["organization_id", column, "created_at", "id"]
        op.create_index(op.f(f"ix_{table}_{name}"), table, order)


def _mentions() -> None:
    table = "comment_mentions"
    migration_operations.create_record_table(
        table,
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        refs={"user_id": "users"},
        required=("user_id",),
    )
    migration_operations.create_reference(table, "comment_id", "comments")
    ends = ["organization_id", "comment_id", "user_id"]
    op.create_unique_constraint(op.f(f"uq_{table}_ends"), table, ends)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
