"""Add the nonconformity register: findings, their clauses, the tree of causes."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import enum_column, unique_in_organization

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

SOURCES = (
    "AUDIT",
    "INSPECTION",
    "INCIDENT",
    "COMPLAINT",
    "SUPPLIER",
    "PROCESS",
    "PRODUCT",
    "REGULATOR",
    "CUSTOMER_AUDIT",
    "CERT_AUDIT",
    "MANAGEMENT_REVIEW",
    "KPI",
    "OBLIGATION",
    "SELF_REPORT",
)
STATES = (
    "DRAFT",
    "OPEN",
    "CONTAINED",
    "ANALYSIS",
    "ACTION",
    "VERIFICATION",
    "CLOSED",
    "ACCEPTED",
    "VOID",
)
DISPOSITIONS = ("NA", "USE_AS_IS", "REWORK", "SCRAP", "RETURN", "REGRADE", "CONCESSION")
TABLES = ("cause_categories", "findings", "finding_clauses")
CHECKS = {
    "severity": "severity BETWEEN 1 AND 5",
    "days": "closed_on >= detected_on",
    "repeats": "repeat_of_id <> id",
    "containment": "num_nonnulls(containment_text, no_containment_reason) <= 1",
    "closing": "status <> 'CLOSED' OR closed_on IS NOT NULL",
    "concession": "status <> 'ACCEPTED' OR accepted_until IS NOT NULL",
}


def upgrade() -> None:
    migration_operations.set_timeouts()
    _causes()
    _findings()
    _clauses()
    migration_operations.create_author_references(*TABLES)


def _causes() -> None:
    migration_operations.create_record_table(
        "cause_categories",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        unique_in_organization("code", table="cause_categories"),
        refs={"parent_id": "cause_categories"},
    )


def _findings() -> None:
    grades = ("MAJOR", "MINOR", "OBSERVATION", "OFI", "GOOD_PRACTICE")
    migration_operations.create_record_table(
        "findings",
        sa.Column("reference", sa.Text(), nullable=False),
        *enum_column("findings", "grade", *grades),
        *enum_column("findings", "source_type", *SOURCES),
        *enum_column("findings", "status", *STATES),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("statement", sa.Text()),
        sa.Column("evidence_text", sa.Text()),
        sa.Column("requirement_text", sa.Text()),
        sa.Column("severity", sa.Integer()),
        sa.Column("detected_on", sa.Date(), nullable=False),
        sa.Column("containment_text", sa.Text()),
        sa.Column("no_containment_reason", sa.Text()),
        sa.Column("contained_at", sa.DateTime(timezone=True)),
        *enum_column("findings", "disposition", *DISPOSITIONS, nullable=True),
        sa.Column("root_cause", sa.Text()),
        sa.Column("is_systemic", sa.Boolean(), nullable=False),
        sa.Column("opened_on", sa.Date()),
        sa.Column("response_due_on", sa.Date()),
        sa.Column("closure_due_on", sa.Date()),
        sa.Column("accepted_until", sa.Date()),
        sa.Column("reopen_count", sa.Integer(), nullable=False),
        sa.Column("closed_on", sa.Date()),
        sa.Column("closing_comment", sa.Text()),
        unique_in_organization("reference", table="findings"),
        *[
            sa.CheckConstraint(rule, name=op.f(f"ck_findings_{name}"))
            for name, rule in CHECKS.items()
        ],
        refs={
            "site_id": "sites",
            "department_id": "departments",
            "detected_by_id": "users",
            "owner_id": "users",
            "contained_by_id": "users",
            "verified_by_id": "users",
            "cause_category_id": "cause_categories",
            "repeat_of_id": "findings",
        },
    )
    for name, columns in {
        "due": ["status", "closure_due_on", "id"],
        "latest": ["detected_on", "id"],
        "graded": ["grade", "detected_on", "id"],
        "work": ["owner_id", "status", "closure_due_on"],
    }.items():
        op.create_index(f"ix_findings_{name}", "findings", ["organization_id", *columns])


def _clauses() -> None:
    table = "finding_clauses"
    migration_operations.create_record_table(
        table,
        sa.Column("is_primary", sa.Boolean(), nullable=False),
        unique_in_organization("finding_id", "clause_id", table=table),
        refs={"finding_id": "findings", "clause_id": "clauses"},
        required=("finding_id", "clause_id"),
    )
    primary = sa.column("is_primary", sa.Boolean)
    op.create_index(
        "uq_finding_clauses_primary",
        table,
        ["organization_id", "finding_id"],
        unique=True,
        postgresql_where=primary,
    )
    op.create_index(
        "ix_finding_clauses_primary",
        table,
        ["organization_id", "clause_id"],
        postgresql_where=primary,
    )


def downgrade() -> None:
    migration_operations.set_timeouts()
    for table in reversed(TABLES):
        op.drop_table(table)
