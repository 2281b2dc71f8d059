"""Add the standards library: standards, clauses, mappings, assessments."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import enum_column, unique_in_organization

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

THEMES = (
    "CONTEXT",
    "PARTIES",
    "SCOPE",
    "SYSTEM",
    "LEADERSHIP",
    "POLICY",
    "ROLES",
    "RISK_OPP",
    "OBJECTIVES",
    "CHANGE",
    "RESOURCES",
    "COMPETENCE",
    "AWARENESS",
    "COMMUNICATION",
    "DOC_INFO",
    "OPERATION",
    "EMERGENCY",
    "SUPPLIERS",
    "MONITORING",
    "COMPLIANCE_EVAL",
    "INTERNAL_AUDIT",
    "MGMT_REVIEW",
    "NC_CA",
    "IMPROVEMENT",
)
TABLES = ("standards", "clauses", "clause_mappings", "clause_assessments")


def upgrade() -> None:
    migration_operations.set_timeouts()
    _standards()
    _clauses()
    _mappings()
    _assessments()
    migration_operations.create_author_references(*TABLES)


def _standards() -> None:
    migration_operations.create_record_table(
        "standards",
        sa.Column("family_code", sa.Text(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column(
            "code",
            sa.Text(),
            sa.Computed("family_code || ':' || edition", persisted=True),
            nullable=False,
        ),
        sa.Column("title", sa.Text(), nullable=False),
        *enum_column("standards", "kind", "MSS", "CONTROL_SET", "LAW", "CUSTOMER", "SCHEME"),
        *enum_column("standards", "origin", "CATALOGUE", "IMPORTED", "OWN"),
        *enum_column("standards", "status", "DRAFT", "ACTIVE", "SUPERSEDED", "WITHDRAWN"),
        sa.Column("publisher", sa.Text()),
        sa.Column("published_on", sa.Date()),
        sa.Column("withdrawn_on", sa.Date()),
        sa.Column("transition_deadline", sa.Date()),
        sa.Column("source_url", sa.Text()),
        sa.Column("licence_note", sa.Text()),
        unique_in_organization("family_code", "edition", table="standards"),
        refs={"supersedes_id": "standards"},
    )


def _clauses() -> None:
    themes = ("ORGANIZATIONAL", "PEOPLE", "PHYSICAL", "TECHNOLOGICAL")
    migration_operations.create_record_table(
        "clauses",
        sa.Column("standard_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sort_key", sa.Text(collation="C"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("summary", sa.Text()),
        sa.Column("text", sa.Text()),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("is_requirement", sa.Boolean(), nullable=False),
        *enum_column("clauses", "theme", *THEMES, nullable=True),
        *enum_column("clauses", "control_theme", *themes, nullable=True),
        sa.Column("control_types", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("security_properties", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("source_key", sa.Text()),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        unique_in_organization("standard_id", "number", table="clauses"),
        refs={"parent_id": "clauses"},
    )
    migration_operations.create_reference("clauses", "standard_id", "standards")
    order = ["organization_id", "standard_id", "sort_key"]
    op.create_index(op.f("ix_clauses_organization_id_standard_id_sort_key"), "clauses", order)


def _mappings() -> None:
    table = "clause_mappings"
    relations = ("EQUAL", "SUBSET", "SUPERSET", "INTERSECT", "NONE")
    changes = ("UNCHANGED", "RENUMBERED", "EXTENDED", "NEW", "REMOVED")
    bases = ("PUBLISHED", "ORG_JUDGEMENT", "THEME", "EDITION_CHANGE")
    migration_operations.create_record_table(
        table,
        *enum_column(table, "relation", *relations),
        sa.Column("strength", sa.Integer(), nullable=False),
        *enum_column(table, "basis", *bases),
        *enum_column(table, "change_kind", *changes, nullable=True),
        sa.Column("note", sa.Text()),
        *enum_column(table, "status", "PROPOSED", "CONFIRMED", "REJECTED"),
        sa.CheckConstraint(
            "from_clause_id <> to_clause_id", name=op.f("ck_clause_mappings_two_ends")
        ),
        sa.CheckConstraint(
            "from_clause_id IS NOT NULL OR to_clause_id IS NOT NULL",
            name=op.f("ck_clause_mappings_some_end"),
        ),
        sa.CheckConstraint("strength BETWEEN 0 AND 100", name=op.f("ck_clause_mappings_strength")),
        refs={
            "from_standard_id": "standards",
            "to_standard_id": "standards",
            "from_clause_id": "clauses",
            "to_clause_id": "clauses",
            "decided_by_id": "users",
        },
        required=("from_standard_id", "to_standard_id"),
    )
    ends = ["from_standard_id", "from_clause_id", "to_standard_id", "to_clause_id"]
    op.create_unique_constraint(
        op.f("uq_clause_mappings_ends"),
        table,
        ["organization_id", *ends, "basis"],
        postgresql_nulls_not_distinct=True,
    )


def _assessments() -> None:
    table = "clause_assessments"
    migration_operations.create_record_table(
        table,
        sa.Column("is_applicable", sa.Boolean(), nullable=False),
        sa.Column("justification", sa.Text()),
        sa.Column("justification_basis", sa.ARRAY(sa.Text()), nullable=False),
        *enum_column(table, "implementation", "NOT_STARTED", "PLANNED", "PARTIAL", "IMPLEMENTED"),
        *enum_column(table, "conformity", "NOT_ASSESSED", "CONFORM", "MINOR_GAP", "MAJOR_GAP"),
        sa.Column("maturity", sa.Integer()),
        sa.Column("target_on", sa.Date()),
        sa.Column("assessed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "is_applicable OR justification IS NOT NULL",
            name=op.f("ck_clause_assessments_justified"),
        ),
        sa.CheckConstraint("maturity BETWEEN 0 AND 5", name=op.f("ck_clause_assessments_maturity")),
        refs={"clause_id": "clauses", "site_id": "sites", "owner_id": "users"},
        required=("clause_id",),
    )
    op.create_unique_constraint(
        op.f("uq_clause_assessments_place"),
        table,
        ["organization_id", "clause_id", "site_id"],
        postgresql_nulls_not_distinct=True,
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
