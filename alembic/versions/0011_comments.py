"""Add comments and the users they mention."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migrating
from qgp.kit.migrating import choice, subject

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TABLES = ("comments", "comment_mentions")


def upgrade() -> None:
    migrating.start()
    _comments()
    _mentions()
    migrating.people(*TABLES)


def _comments() -> None:
    table = "comments"
    migrating.create_record(
        table,
        *subject(),
        sa.Column("body", sa.Text()),
        *choice(table, "visibility", "INTERNAL", "EXTERNAL"),
        sa.Column("edited_at", sa.DateTime(timezone=True)),
        sa.Column("deleted_at", sa.DateTime(timezone=True)),
        sa.Column("parent_id", sa.Uuid()),
        sa.CheckConstraint(
            "(body IS NULL) = (deleted_at IS NOT NULL)", name=op.f(f"ck_{table}_said")
        ),
    )
    migrating.point(table, "parent_id", table)
    migrating.index_subject(table, "created_at", "id")
    for name, column in {"of_parent": "parent_id", "of_author": "created_by_id"}.items():
        order = ["organization_id", column, "created_at", "id"]
        op.create_index(op.f(f"ix_{table}_{name}"), table, order)


def _mentions() -> None:
    table = "comment_mentions"
    migrating.create_record(
        table,
        sa.Column("comment_id", sa.Uuid(), nullable=False),
        refs={"user_id": "users"},
        required=("user_id",),
    )
    migrating.point(table, "comment_id", "comments")
    ends = ["organization_id", "comment_id", "user_id"]
    op.create_unique_constraint(op.f(f"uq_{table}_ends"), table, ends)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
