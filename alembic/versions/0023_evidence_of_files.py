"""Let a file be evidence."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

TABLE = "evidence_items"
FORMER = {
    "kind": "kind IN ('LINK', 'RECORD')",
    "content": (
        "(kind = 'LINK') = (url IS NOT NULL) AND (kind = 'RECORD') = (record_id IS NOT NULL)"
    ),
}
RULES = {
    "kind": "kind IN ('FILE', 'LINK', 'RECORD')",
    "content": (
        "(kind = 'FILE') = (attachment_id IS NOT NULL) AND (kind = 'LINK') = (url IS NOT NULL) "
        "AND (kind = 'RECORD') = (record_id IS NOT NULL)"
    ),
}


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column(TABLE, sa.Column("attachment_id", sa.Uuid()))
    op.add_column(TABLE, sa.Column("sha256", sa.Text()))
    key = ["organization_id", "attachment_id"]
    op.create_index(op.f(f"ix_{TABLE}_organization_id_attachment_id"), TABLE, key)
    migration_operations.create_reference(TABLE, "attachment_id", "attachments")
    _replace(RULES)
    rule = "(attachment_id IS NULL) = (sha256 IS NULL)"
    op.create_check_constraint(op.f(f"ck_{TABLE}_file"), TABLE, rule)


def downgrade() -> None:
    """Go back where no file is evidence; else the former rules refuse, and nothing changes."""
    op.drop_constraint(op.f(f"ck_{TABLE}_file"), TABLE)
    _replace(FORMER)
    op.drop_column(TABLE, "sha256")
    op.drop_column(TABLE, "attachment_id")


def _replace(rules: dict[str, str]) -> None:
    for name, rule in rules.items():
        op.drop_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE)
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, rule)
