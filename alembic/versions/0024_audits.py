"""Add audits: teams, auditees, answers, samples; let findings come from them."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import (
    check_constraints,
    create_indexes,
    enum_column,
    unique_in_organization,
)

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TYPES = (
    "SYSTEM",
    "PROCESS",
    "PRODUCT",
    "SUPPLIER",
    "INSPECTION",
    "CERTIFICATION",
    "FOLLOW_UP",
)
STATES = (
    "PLANNED",
    "SCHEDULED",
    "IN_PROGRESS",
    "FIELDWORK_DONE",
    "IN_REVIEW",
    "REPORTED",
    "CLOSED",
    "CANCELLED",
)
TABLES = (
    "audits",
    "audit_standards",
    "audit_clauses",
    "audit_team_members",
    "audit_auditees",
    "audit_responses",
    "sample_sets",
    "sample_items",
)
LINKS = {"audit_id": "audits", "response_id": "audit_responses"}


def upgrade() -> None:
    migration_operations.set_timeouts()
    _audits()
    _junctions()
    _team()
    _responses()
    _samples()
    migration_operations.create_author_references(*TABLES)
    for column, target in LINKS.items():
        op.add_column("findings", sa.Column(column, sa.Uuid()))
        op.create_index(
            op.f(f"ix_findings_organization_id_{column}"), "findings", ["organization_id", column]
        )
        migration_operations.create_reference("findings", column, target)


def _text(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text()) for name in names]


def _audits() -> None:
    table = "audits"
    pct = sa.Numeric(5, 2)
    done = "'FIELDWORK_DONE', 'IN_REVIEW', 'REPORTED', 'CLOSED'"
    migration_operations.create_record_table(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        *enum_column(table, "type", *TYPES),
        *enum_column(table, "method", "ONSITE", "REMOTE", "HYBRID", "DOCUMENT"),
        *enum_column(table, "source", "FIRST_PARTY", "SECOND_PARTY", "THIRD_PARTY"),
        *enum_column(table, "status", *STATES),
        sa.Column("title", sa.Text(), nullable=False),
        *_text("scope", "criteria"),
        sa.Column("planned_start_on", sa.Date()),
        sa.Column("planned_end_on", sa.Date()),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("reported_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        *_text("opening_notes", "closing_notes", "external_body", "external_reference"),
        sa.Column("raw_score", sa.Numeric(14, 2)),
        sa.Column("max_score", sa.Numeric(14, 2)),
        sa.Column("score_pct", pct),
        *_text("score_hash"),
        sa.Column("overridden_pct", pct),
        *_text("override_reason"),
        sa.Column("post_capa_pct", pct),
        *enum_column(table, "result", "PASS", "CONDITIONAL", "FAIL", "UNSCORED", nullable=True),
        *enum_column(
            table,
            "conclusion",
            *("CONFORM", "SUBSTANTIALLY_CONFORM", "NOT_CONFORM"),
            nullable=True,
        ),
        sa.Column("programme_item_id", sa.Uuid()),
        sa.Column("lead_auditor_id", sa.Uuid()),
        unique_in_organization("reference", table=table),
        *check_constraints(
            table,
            days="planned_end_on >= planned_start_on",
            override="num_nonnulls(overridden_pct, override_reason, overridden_by_id) IN (0, 3)",
            completion=f"status NOT IN ({done}) OR "
            "(result IS NOT NULL AND completed_at IS NOT NULL)",
            **{
                name: f"{name} BETWEEN 0 AND 100"
                for name in ("score_pct", "overridden_pct", "post_capa_pct")
            },
        ),
        refs={
            "site_id": "sites",
            "department_id": "departments",
            "process_id": "processes",
            "template_version_id": "template_versions",
            "overridden_by_id": "users",
            "reviewed_by_id": "users",
        },
    )
    migration_operations.create_reference(table, "lead_auditor_id", "users")
    create_indexes(
        table,
        planned=["status", "planned_start_on", "id"],
        calendar=["planned_start_on", "id"],
        led=["lead_auditor_id", "status"],
        programme=["programme_item_id"],
    )


def _of_audit(table: str, *parts: Any, refs: dict[str, str], required: tuple[str, ...]) -> None:
    """Create a table whose unique key begins with the audit, so that it needs no other index."""
    migration_operations.create_record_table(
        table,
        *parts,
        sa.Column("audit_id", sa.Uuid(), nullable=False),
        refs=refs,
        required=required,
    )
    migration_operations.create_reference(table, "audit_id", "audits")


def _junctions() -> None:
    for table, column, target in (
        ("audit_standards", "standard_id", "standards"),
        ("audit_clauses", "clause_id", "clauses"),
        ("audit_auditees", "user_id", "users"),
    ):
        key = unique_in_organization("audit_id", column, table=table)
        _of_audit(table, key, refs={column: target}, required=(column,))


def _team() -> None:
    table = "audit_team_members"
    _of_audit(
        table,
        *enum_column(table, "role", "LEAD", "AUDITOR", "EXPERT", "OBSERVER", "TRAINEE"),
        *_text("override_reason"),
        unique_in_organization("audit_id", "user_id", table=table),
        *check_constraints(
            table, override="(override_reason IS NULL) = (overridden_by_id IS NULL)"
        ),
        refs={"user_id": "users", "overridden_by_id": "users"},
        required=("user_id",),
    )
    op.create_index(
        f"uq_{table}_lead",
        table,
        ["organization_id", "audit_id"],
        unique=True,
        postgresql_where=sa.text("role = 'LEAD'"),
    )


def _responses() -> None:
    table = "audit_responses"
    document = sa.dialects.postgresql.JSONB()
    _of_audit(
        table,
        sa.Column("repeat_index", sa.Integer(), nullable=False),
        sa.Column("value", document),
        sa.Column("is_na", sa.Boolean(), nullable=False),
        *_text("na_reason", "comment"),
        sa.Column("score", sa.Numeric(14, 2)),
        sa.Column("max_score", sa.Numeric(14, 2)),
        sa.Column("is_failed", sa.Boolean(), nullable=False),
        *_text("no_finding_reason"),
        sa.Column("client_id", sa.Text(), nullable=False),
        sa.Column("client_sequence", sa.Integer(), nullable=False),
        sa.Column("client_sequences", document, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        unique_in_organization("audit_id", "question_id", "repeat_index", table=table),
        *check_constraints(
            table,
            repeat_index="repeat_index >= 0",
            answer="is_na = (value IS NULL)",
            failure="NOT is_na OR NOT is_failed",
            points="score BETWEEN 0 AND max_score",
        ),
        refs={"question_id": "questions", "answered_by_id": "users"},
        required=("question_id", "answered_by_id"),
    )
    create_indexes(table, failed=["is_failed", "audit_id"])


def _samples() -> None:
    table = "sample_sets"
    migration_operations.create_record_table(
        table,
        sa.Column("population_description", sa.Text(), nullable=False),
        sa.Column("population_size", sa.Integer(), nullable=False),
        *enum_column(table, "method", "RANDOM", "JUDGEMENT", "STRATIFIED", "HAPHAZARD"),
        *_text("seed"),
        sa.Column("size", sa.Integer(), nullable=False),
        *check_constraints(
            table,
            sizes="size BETWEEN 1 AND population_size",
            drawing="(method = 'RANDOM') = (seed IS NOT NULL)",
        ),
        refs={"audit_id": "audits"},
        required=("audit_id",),
    )
    table = "sample_items"
    results = ("CONFORMING", "NONCONFORMING", "UNAVAILABLE")
    migration_operations.create_record_table(
        table,
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer()),
        *_text("reference"),
        *enum_column(table, "result", *results, nullable=True),
        *_text("evidence"),
        sa.Column("sample_set_id", sa.Uuid(), nullable=False),
        unique_in_organization("sample_set_id", "position", table=table),
    )
    migration_operations.create_reference(table, "sample_set_id", "sample_sets")


def downgrade() -> None:
    migration_operations.set_timeouts()
    for column in LINKS:
        op.drop_column("findings", column)
    for table in reversed(TABLES):
        op.drop_table(table)
