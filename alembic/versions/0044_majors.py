"""Add terms of organizations, requests about findings, and the confirmation of CAPAs.

CAPAs confirmed before have no instant of confirmation: any evidence of theirs counts as before.
"""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None

DAYS = {
    "major_response_days": 30,
    "major_closure_days": 180,
    "minor_response_days": 60,
    "minor_closure_days": 180,
    "shortest_window_days_low": 30,
    "shortest_window_days_medium": 30,
    "shortest_window_days_high": 60,
    "shortest_window_days_critical": 90,
}
RULES = {
    **{name: f"{name} BETWEEN 1 AND 730" for name in DAYS},
    "concession_months": "concession_months BETWEEN 1 AND 60",
}
TERMS = {**DAYS, "concession_months": 12}
CHANGES = ("VOID", "CONCESSION", "REGRADE")
GRADES = ("MAJOR", "MINOR", "OBSERVATION", "OFI", "GOOD_PRACTICE")
PENDING = "num_nulls(requested_change, request_reason, requested_at, requested_by_id) IN (0, 4)"
COLUMNS = (
    "alias",
    "requested_change",
    "requested_grade",
    "requested_until",
    "request_reason",
    "requested_at",
    "requested_by_id",
)


def upgrade() -> None:
    migration_operations.set_timeouts()
    _organizations()
    _findings()
    _capas()


def _organizations() -> None:
    table = "organizations"
    for name, default in TERMS.items():
        column = sa.Column(name, sa.Integer(), nullable=False, server_default=str(default))
        op.add_column(table, column)
    for name, rule in RULES.items():
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, rule)
    is_closable = "is_major_closable_in_effectiveness"
    op.add_column(
        table, sa.Column(is_closable, sa.Boolean(), nullable=False, server_default=sa.false())
    )


def _findings() -> None:
    table = "findings"
    for name, values in {"requested_change": CHANGES, "requested_grade": GRADES}.items():
        column, rule = migration_operations.enum_column(table, name, *values, nullable=True)
        op.add_column(table, column)
        op.create_check_constraint(rule.name, table, rule.sqltext)
    for column in (
        sa.Column("alias", sa.Text()),
        sa.Column("requested_until", sa.Date()),
        sa.Column("request_reason", sa.Text()),
        sa.Column("requested_at", sa.DateTime(timezone=True)),
        sa.Column("requested_by_id", sa.Uuid()),
    ):
        op.add_column(table, column)
    op.create_check_constraint(op.f(f"ck_{table}_request"), table, PENDING)
    index = op.f(f"ix_{table}_organization_id_requested_by_id")
    op.create_index(index, table, ["organization_id", "requested_by_id"])
    migration_operations.create_reference(table, "requested_by_id", "users")


def _capas() -> None:
    op.add_column("capas", sa.Column("confirmed_at", sa.DateTime(timezone=True)))


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_column("capas", "confirmed_at")
    for name in COLUMNS:
        op.drop_column("findings", name)
    for name in (*TERMS, "is_major_closable_in_effectiveness"):
        op.drop_column("organizations", name)
