"""Add actions, what they wait for, and how their due days moved."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import enum_column, unique_in_organization

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KINDS = (
    "CONTAINMENT",
    "CORRECTION",
    "CORRECTIVE",
    "PREVENTIVE",
    "IMPROVEMENT",
    "TREATMENT",
    "FOLLOW_UP",
)
URGENCY = (
    "CASE (priority)::text WHEN 'LOW'::text THEN 1 WHEN 'MEDIUM'::text THEN 2 "
    "WHEN 'HIGH'::text THEN 3 ELSE 4 END"
)
STATES = ("TODO", "IN_PROGRESS", "BLOCKED", "DONE", "VERIFIED", "CANCELLED")
INDEXES = {
    "of_owner": ("owner_id", "status", "due_on", "id"),
    "due": ("due_on", "id"),
    "standing": ("status", "due_on", "id"),
    "of_finding": ("finding_id", "position", "id"),
    "of_capa": ("capa_id", "position", "id"),
}
TABLES = ("actions", "action_dependencies", "due_date_changes")


def upgrade() -> None:
    migration_operations.set_timeouts()
    _actions()
    _dependencies()
    _due_dates()
    migration_operations.create_author_references(*TABLES)


def _actions() -> None:
    table = "actions"
    rules = {
        "progress": "progress BETWEEN 0 AND 100",
        "one_parent": "num_nonnulls(finding_id, capa_id) <= 1",
        "completed": "(status IN ('DONE', 'VERIFIED')) = (completed_at IS NOT NULL)",
        "verified": "(status = 'VERIFIED') = (verified_at IS NOT NULL)",
        "noted": "completed_at IS NULL OR completion_note IS NOT NULL",
    }
    migration_operations.create_record_table(
        table,
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text()),
        *enum_column(table, "kind", *KINDS),
        *enum_column(table, "priority", "LOW", "MEDIUM", "HIGH", "CRITICAL"),
        sa.Column("urgency", sa.Integer(), sa.Computed(URGENCY, persisted=True), nullable=False),
        *enum_column(table, "status", *STATES),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("original_due_on", sa.Date(), nullable=False),
        sa.Column("progress", sa.Integer(), nullable=False),
        sa.Column("is_verification_required", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("completed_at", sa.DateTime(timezone=True)),
        sa.Column("completion_note", sa.Text()),
        sa.Column("verified_at", sa.DateTime(timezone=True)),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("finding_id", sa.Uuid()),
        sa.Column("capa_id", sa.Uuid()),
        *[
            sa.CheckConstraint(rule, name=op.f(f"ck_{table}_{name}"))
            for name, rule in rules.items()
        ],
        unique_in_organization("reference", table=table),
        refs={"completed_by_id": "users", "verified_by_id": "users"},
    )
    for column, target in {
        "owner_id": "users",
        "finding_id": "findings",
        "capa_id": "capas",
    }.items():
        migration_operations.create_reference(table, column, target)
    for name, columns in INDEXES.items():
        op.create_index(op.f(f"ix_{table}_{name}"), table, ["organization_id", *columns])


def _dependencies() -> None:
    table = "action_dependencies"
    migration_operations.create_record_table(
        table,
        sa.CheckConstraint("action_id <> prerequisite_id", name=op.f(f"ck_{table}_two_ends")),
        refs={"action_id": "actions", "prerequisite_id": "actions"},
        required=("action_id", "prerequisite_id"),
    )
    op.create_unique_constraint(
        op.f(f"uq_{table}_ends"),
        table,
        ["organization_id", "action_id", "prerequisite_id"],
    )


def _due_dates() -> None:
    table = "due_date_changes"
    migration_operations.create_record_table(
        table,
        sa.Column("old_due_on", sa.Date(), nullable=False),
        sa.Column("new_due_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("action_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("new_due_on <> old_due_on", name=op.f(f"ck_{table}_moved")),
        sa.CheckConstraint("btrim(reason) <> ''", name=op.f(f"ck_{table}_reason")),
    )
    migration_operations.create_reference(table, "action_id", "actions")
    order = ["organization_id", "action_id", "created_at", "id"]
    op.create_index(op.f(f"ix_{table}_of_action"), table, order)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
