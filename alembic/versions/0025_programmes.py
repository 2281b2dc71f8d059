"""Add audit programmes with their items, which audits carry out."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import (
    check_constraints,
    create_indexes,
    enum_column,
    unique_in_organization,
)

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

TABLES = ("audit_programmes", "audit_programme_standards", "programme_items")
TARGET = {
    "clause_id": "clauses",
    "site_id": "sites",
    "department_id": "departments",
    "process_id": "processes",
}


def upgrade() -> None:
    migration_operations.set_timeouts()
    _programmes()
    _standards()
    _items()
    migration_operations.create_author_references(*TABLES)
    migration_operations.create_reference("audits", "programme_item_id", "programme_items")
    op.create_index(
        "uq_audits_programme_item",
        "audits",
        ["organization_id", "programme_item_id"],
        unique=True,
        postgresql_where=sa.text("status <> 'CANCELLED'"),
    )


def _programmes() -> None:
    table = "audit_programmes"
    migration_operations.create_record_table(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        *enum_column(table, "status", "DRAFT", "APPROVED", "ACTIVE", "CLOSED"),
        *enum_column(table, "method", "ONSITE", "REMOTE", "HYBRID", "DOCUMENT"),
        sa.Column("period_start_on", sa.Date(), nullable=False),
        sa.Column("period_end_on", sa.Date(), nullable=False),
        sa.Column("objectives", sa.Text()),
        sa.Column("risk_basis", sa.Text()),
        sa.Column("approved_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        unique_in_organization("reference", table=table),
        *check_constraints(
            table,
            period="period_end_on >= period_start_on",
            approval="(approved_by_id IS NULL) = (approved_on IS NULL) AND "
            "(status = 'DRAFT') = (approved_on IS NULL)",
            closing="(status = 'CLOSED') = (closed_on IS NOT NULL)",
        ),
        refs={"approved_by_id": "users"},
    )
    migration_operations.create_reference(table, "owner_id", "users")
    create_indexes(
        table,
        register=["period_start_on", "id"],
        standing=["status", "period_end_on"],
        owned=["owner_id", "status"],
    )


def _standards() -> None:
    table = "audit_programme_standards"
    migration_operations.create_record_table(
        table,
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        unique_in_organization("programme_id", "standard_id", table=table),
        refs={"standard_id": "standards"},
        required=("standard_id",),
    )
    migration_operations.create_reference(table, "programme_id", "audit_programmes")


def _items() -> None:
    table = "programme_items"
    migration_operations.create_record_table(
        table,
        sa.Column("planned_month", sa.Date(), nullable=False),
        *enum_column(table, "risk", "LOW", "MEDIUM", "HIGH"),
        sa.Column("note", sa.Text()),
        sa.Column("dropped_on", sa.Date()),
        sa.Column("drop_reason", sa.Text()),
        sa.Column("programme_id", sa.Uuid(), nullable=False),
        *check_constraints(
            table,
            target=f"num_nonnulls({', '.join(TARGET)}) > 0",
            planned_month="extract(day FROM planned_month) = 1",
            dropping="(dropped_on IS NULL) = (drop_reason IS NULL)",
        ),
        refs=TARGET,
    )
    migration_operations.create_reference(table, "programme_id", "audit_programmes")
    create_indexes(
        table, plan=["programme_id", "planned_month", "id"], calendar=["planned_month", "id"]
    )
    op.create_index(
        f"uq_{table}_target",
        table,
        ["organization_id", "programme_id", "planned_month", *TARGET],
        unique=True,
        postgresql_nulls_not_distinct=True,
        postgresql_where=sa.text("dropped_on IS NULL"),
    )


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("audits", "programme_item_id")  # with what it held, which pointed at items
    op.add_column("audits", sa.Column("programme_item_id", sa.Uuid()))
    op.create_index("ix_audits_programme", "audits", ["organization_id", "programme_item_id"])
    for table in reversed(TABLES):
        op.drop_table(table)
