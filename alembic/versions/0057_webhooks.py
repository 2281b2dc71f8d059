"""Add webhooks: endpoints, their secrets and deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from qgp.kit import migration_operations, text_key_sql

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

ENDPOINTS, DELIVERIES = "webhook_endpoints", "webhook_deliveries"


def upgrade() -> None:
    migration_operations.set_timeouts()
    _create_endpoints()
    _create_deliveries()
    migration_operations.create_organization_table(
        "webhook_secrets",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _instant("created_at", nullable=False),
        _instant("expires_at"),
        key=["id"],
        grants="SELECT, INSERT, DELETE, UPDATE (expires_at)",
    )
    migration_operations.create_reference("webhook_secrets", "endpoint_id", ENDPOINTS)
    migration_operations.create_indexes(
        "webhook_secrets", organization_id_endpoint_id=["endpoint_id"]
    )


def _create_endpoints() -> None:
    reasons = ("USER", "GONE", "FAILING", "RIGHTS_ENDED")
    migration_operations.create_record_table(
        ENDPOINTS,
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("events", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("states", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("changed_fields", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("requires_other_actor", sa.Boolean(), nullable=False),
        sa.Column("document", sa.Text()),
        *migration_operations.enum_column(ENDPOINTS, "status", "ACTIVE", "DISABLED"),
        *migration_operations.enum_column(ENDPOINTS, "disabled_reason", *reasons, nullable=True),
        sa.Column("acting_user_id", sa.Uuid(), nullable=False),
        _instant("enabled_at", nullable=False),
        _instant("secret_rotated_at", nullable=False),
        migration_operations.unique_in_organization("name", table=ENDPOINTS),
        *migration_operations.check_constraints(
            ENDPOINTS, disabled="(status = 'DISABLED') = (disabled_reason IS NOT NULL)"
        ),
    )
    migration_operations.create_reference(ENDPOINTS, "acting_user_id", "users")
    migration_operations.create_author_references(ENDPOINTS)
    keys = text_key_sql.keys([], ["name"])
    migration_operations.add_text_keys(ENDPOINTS, keys)
    migration_operations.index_sort_keys(ENDPOINTS, keys)


def _create_deliveries() -> None:
    statuses = ("PENDING", "RETRYING", "DELIVERED", "DEAD")
    same = ["organization_id", "endpoint_id", "event_id"]
    migration_operations.create_organization_table(
        DELIVERIES,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("endpoint_id", sa.Uuid(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("event_position", sa.BigInteger(), nullable=False),
        sa.Column("event_name", sa.Text(), nullable=False),
        _instant("event_at", nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("entity_id", sa.Uuid(), nullable=False),
        sa.Column("event", postgresql.JSONB(), nullable=False),
        *migration_operations.enum_column(DELIVERIES, "status", *statuses),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("response_code", sa.Integer()),
        sa.Column("latency_ms", sa.Integer()),
        sa.Column("error", sa.Text()),
        _instant("created_at", nullable=False),
        *map(_instant, ("first_attempt_at", "last_attempt_at", "next_attempt_at", "delivered_at")),
        sa.UniqueConstraint(*same, name=op.f("uq_webhook_deliveries_event")),
        key=["id"],
        grants="SELECT, INSERT, UPDATE, DELETE",
    )
    migration_operations.create_indexes(
        DELIVERIES,
        created_at=["created_at", "id"],
        endpoint=["endpoint_id", "created_at", "id"],
    )
    opened = {
        "due": ["endpoint_id", "next_attempt_at"],
        "of_record": ["endpoint_id", "entity_id", "event_position"],
    }
    for name, columns in opened.items():
        op.create_index(
            f"ix_{DELIVERIES}_{name}",
            DELIVERIES,
            ["organization_id", *columns],
            postgresql_where=sa.text("status IN ('PENDING', 'RETRYING')"),
        )


def _instant(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def downgrade() -> None:
    migration_operations.set_timeouts()
    for table in ("webhook_secrets", DELIVERIES):
        op.drop_table(table)
    migration_operations.drop_text_keys(ENDPOINTS, text_key_sql.keys([], ["name"]))
    op.drop_table(ENDPOINTS)
