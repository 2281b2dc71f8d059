"""Add corrective and preventive actions: CAPAs, sources, rounds, analyses, causes."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import check_constraints, enum_column, unique_in_organization

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = (
    "DRAFT",
    "OPEN",
    "ANALYSIS",
    "PLANNED",
    "IMPLEMENTING",
    "VERIFICATION",
    "EFFECTIVENESS",
    "CLOSED",
    "CANCELLED",
)
METRICS = ("NO_RECURRENCE", "KPI", "AUDIT", "SAMPLE", "TEST")
RESULTS = ("EFFECTIVE", "PARTIAL", "INEFFECTIVE")
METHODS = ("FIVE_WHYS", "FISHBONE", "FAULT_TREE", "BARRIER", "EIGHT_D", "TIMELINE", "PARETO")
PLACES = (
    "PEOPLE",
    "METHOD",
    "MACHINE",
    "MATERIAL",
    "MEASUREMENT",
    "ENVIRONMENT",
    "MANAGEMENT",
)
TABLES = ("capas", "capa_findings", "capa_rounds", "root_cause_analyses", "cause_nodes")


def upgrade() -> None:
    migration_operations.set_timeouts()
    _capas()
    _sources()
    _rounds()
    _analyses()
    _nodes()
    migration_operations.create_author_references(*TABLES)


def _capas() -> None:
    table = "capas"
    migration_operations.create_record_table(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        *enum_column(table, "kind", "CORRECTIVE", "PREVENTIVE", "IMPROVEMENT"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problem_statement", sa.Text(), nullable=False),
        *enum_column(table, "priority", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
        *enum_column(table, "status", *STATES),
        sa.Column("source_justification", sa.Text()),
        sa.Column("supplier_name", sa.Text()),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column("extension_count", sa.Integer(), nullable=False),
        sa.Column("cause_known_reason", sa.Text()),
        sa.Column("root_cause_summary", sa.Text()),
        sa.Column("effectiveness_criteria", sa.Text()),
        *enum_column(table, "effectiveness_metric", *METRICS, nullable=True),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("effectiveness_due_on", sa.Date()),
        *enum_column(table, "result", *RESULTS, nullable=True),
        sa.Column("result_note", sa.Text()),
        sa.Column("waiver_reason", sa.Text()),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("implemented_on", sa.Date()),
        sa.Column("closed_on", sa.Date()),
        unique_in_organization("reference", table=table),
        *check_constraints(
            table,
            window_days="window_days BETWEEN 1 AND 730",
            round="round >= 1",
            ownership="status IN ('DRAFT', 'CANCELLED') OR owner_id IS NOT NULL",
            closing="status <> 'CLOSED' OR (result IS NOT NULL AND closed_on IS NOT NULL)",
            partial="result <> 'PARTIAL' OR result_note IS NOT NULL",
        ),
        refs={
            "owner_id": "users",
            "sponsor_id": "users",
            "site_id": "sites",
            "department_id": "departments",
            "cause_category_id": "cause_categories",
            "verified_by_id": "users",
        },
    )
    for name, columns in {
        "register": ["due_on", "id"],
        "due": ["status", "due_on", "id"],
        "urgent": ["priority", "due_on", "id"],
        "work": ["owner_id", "status", "due_on"],
    }.items():
        op.create_index(f"ix_capas_{name}", table, ["organization_id", *columns])


def _sources() -> None:
    table = "capa_findings"
    migration_operations.create_record_table(
        table,
        unique_in_organization("capa_id", "finding_id", table=table),
        refs={"capa_id": "capas", "finding_id": "findings"},
        required=("capa_id", "finding_id"),
    )


def _rounds() -> None:
    table = "capa_rounds"
    migration_operations.create_record_table(
        table,
        sa.Column("number", sa.Integer(), nullable=False),
        *enum_column(table, "result", *RESULTS),
        sa.Column("note", sa.Text()),
        sa.Column("implemented_on", sa.Date()),
        sa.Column("ended_on", sa.Date(), nullable=False),
        unique_in_organization("capa_id", "number", table=table),
        refs={"capa_id": "capas", "verified_by_id": "users"},
        required=("capa_id",),
    )


def _analyses() -> None:
    table = "root_cause_analyses"
    migration_operations.create_record_table(
        table,
        *enum_column(table, "method", *METHODS),
        *enum_column(table, "confidence", "CONFIRMED", "PROBABLE", "POSSIBLE", nullable=True),
        *enum_column(table, "status", "DRAFT", "COMPLETED"),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("completed_on", sa.Date()),
        *check_constraints(table, completion="status <> 'COMPLETED' OR completed_on IS NOT NULL"),
        refs={"capa_id": "capas"},
        required=("capa_id",),
    )


def _nodes() -> None:
    table = "cause_nodes"
    kinds = ("WHY", "CAUSE", "BARRIER", "EVENT", "GATE_AND", "GATE_OR")
    migration_operations.create_record_table(
        table,
        *enum_column(table, "kind", *kinds),
        *enum_column(table, "category", *PLACES, nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("is_root", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *check_constraints(table, tree="parent_id <> id", position="position >= 0"),
        refs={"analysis_id": "root_cause_analyses", "parent_id": "cause_nodes"},
        required=("analysis_id",),
    )
    op.create_index(
        "ix_cause_nodes_root",
        table,
        ["organization_id", "analysis_id"],
        postgresql_where=sa.column("is_root", sa.Boolean),
    )


def downgrade() -> None:
    migration_operations.set_timeouts()
    for table in reversed(TABLES):
        op.drop_table(table)
