"""Lay the foundation: the runtime role, the trail, references, idempotency keys."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from qgp.kit import migration_operations, runtime_role, trail_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    runtime_role.create(op.get_bind())
    migration_operations.execute(trail_triggers.TRAIL_FUNCTIONS)
    migration_operations.create_organization_table(
        "audit_entries",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid()),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("entity_version", sa.Integer(), nullable=False),
        sa.Column("changes", JSONB(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("request_id", sa.Text()),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        migration_operations.unique_in_organization(
            "entity", "entity_id", "entity_version", table="audit_entries"
        ),
        key=["seq"],
        grants="SELECT, INSERT",
    )
    migration_operations.execute(
        trail_triggers.append_only("audit_entries"),
        trail_triggers.changes_required("audit_entries"),
    )
    migration_operations.create_organization_table(
        "audit_heads",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        key=[],
        grants="SELECT, INSERT, UPDATE",
    )
    migration_operations.create_organization_table(
        "reference_counters",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        key=["prefix", "year"],
        grants="SELECT, INSERT, UPDATE",
    )
    migration_operations.create_organization_table(
        "idempotency_keys",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Uuid()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        key=["user_id", "key"],
        grants="SELECT, INSERT, UPDATE, DELETE",
    )


def downgrade() -> None:
    for table in ("idempotency_keys", "reference_counters", "audit_heads", "audit_entries"):
        op.drop_table(table)
    for function in ("change_has_entry", "entry_has_change", "only_append"):
        op.execute(f"DROP FUNCTION {function}()")
