"""Add evidence and what it says about clauses."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import (
    enum_column,
    subject_check,
    subject_columns,
    unique_in_organization,
)

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("evidence_items", "evidence_links")
INDEXES = {
    "of_record": ("record_id",),
    "collected": ("collected_at", "id"),
    "expiring": ("expires_on", "id"),
}


def upgrade() -> None:
    migration_operations.set_timeouts()
    _items()
    _links()
    migration_operations.create_author_references(*TABLES)


def _items() -> None:
    table = "evidence_items"
    rules = {
        "content": (
            "(kind = 'LINK') = (url IS NOT NULL) AND (kind = 'RECORD') = (record_id IS NOT NULL)"
        ),
        "period": "period_end_on >= period_start_on",
        "withdrawn": "(withdrawn_at IS NULL) = (withdrawal_reason IS NULL)",
    }
    migration_operations.create_record_table(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        *subject_columns(),
        *subject_columns("record", nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        *enum_column(table, "kind", "LINK", "RECORD"),
        sa.Column("url", sa.Text()),
        *enum_column(table, "confidentiality", "PUBLIC", "INTERNAL", "CONFIDENTIAL"),
        sa.Column("effective_on", sa.Date(), nullable=False),
        *[sa.Column(name, sa.Date()) for name in ("period_start_on", "period_end_on")],
        sa.Column("expires_on", sa.Date()),
        sa.Column("collected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        sa.Column("withdrawal_reason", sa.Text()),
        subject_check(table, "record"),
        *[
            sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))
            for name, rule in rules.items()
        ],
        unique_in_organization("reference", table=table),
        refs={"collected_by_id": "users", "withdrawn_by_id": "users"},
    )
    migration_operations.create_subject_index(table, "collected_at", "id")
    for name, columns in INDEXES.items():
        op.create_index(op.f(f"ix_{table}_{name}"), table, ["organization_id", *columns])


def _links() -> None:
    table = "evidence_links"
    rules = {
        "strength": "strength BETWEEN 1 AND 3",
        "decided": "(status = 'PROPOSED') = (decided_at IS NULL)",
    }
    migration_operations.create_record_table(
        table,
        *enum_column(table, "polarity", "SUPPORTS", "CONTRADICTS"),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text()),
        *enum_column(table, "status", "PROPOSED", "CONFIRMED", "REJECTED"),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("clause_id", sa.Uuid(), nullable=False),
        *[
            sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))
            for name, rule in rules.items()
        ],
        refs={"decided_by_id": "users"},
    )
    for column, target in {"evidence_id": "evidence_items", "clause_id": "clauses"}.items():
        migration_operations.create_reference(table, column, target)
    ends = ["organization_id", "evidence_id", "clause_id"]
    op.create_unique_constraint(op.f(f"uq_{table}_ends"), table, ends)
    order = ["organization_id", "clause_id", "created_at", "id"]
    op.create_index(op.f(f"ix_{table}_of_clause"), table, order)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
