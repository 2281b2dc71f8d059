"""Add organizations with sites and departments, users, and the accounts behind them."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations, row_security, trail_triggers
from qgp.kit.migration_operations import enum_column, unique_in_organization
from qgp.kit.runtime_role import RUNTIME_ROLE

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROLES = (
    "OWNER",
    "ADMIN",
    "QUALITY_MANAGER",
    "LEAD_AUDITOR",
    "AUDITOR",
    "RISK_MANAGER",
    "HSE_MANAGER",
    "PROCESS_OWNER",
    "EMPLOYEE",
    "EXTERNAL_AUDITOR",
    "SUPPLIER_CONTACT",
)
EVENTS = ("LOG_IN", "LOG_IN_FAILED", "LOG_OUT", "PASSWORD_CHANGED", "REFRESH_REUSED")


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.create_table(
        "accounts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("email", name=op.f("uq_accounts_email")),
    )
    migration_operations.create_record_table(
        "organizations",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        *enum_column("organizations", "status", "ACTIVE", "SUSPENDED"),
        sa.UniqueConstraint("id", name=op.f("uq_organizations_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_organizations_slug")),
        sa.CheckConstraint("id = organization_id", name=op.f("ck_organizations_own_tenant")),
        sa.CheckConstraint("slug ~ '^[a-z0-9-]{3,40}$'", name=op.f("ck_organizations_slug_shape")),
    )
    migration_operations.create_record_table(
        "sites",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("country", sa.Text()),
        unique_in_organization("code", table="sites"),
        refs={"parent_id": "sites"},
    )
    migration_operations.create_record_table(
        "departments",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        unique_in_organization("code", table="departments"),
        refs={"parent_id": "departments"},
    )
    migration_operations.create_record_table(
        "users",
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *enum_column("users", "role", *ROLES),
        *enum_column("users", "status", "INVITED", "WITHDRAWN", "ACTIVE", "SUSPENDED"),
        sa.Column("access_version", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date()),
        sa.Column("valid_until", sa.Date()),
        sa.ForeignKeyConstraint(["account_id"], ["accounts.id"], name=op.f("fk_users_account_id")),
        sa.CheckConstraint("valid_until >= valid_from", name=op.f("ck_users_valid_days")),
        unique_in_organization("account_id", table="users"),
        unique_in_organization("email", table="users"),
        refs={"site_id": "sites", "department_id": "departments"},
    )
    op.create_index(op.f("ix_users_account_id"), "users", ["account_id"])
    migration_operations.create_author_references("organizations", "sites", "departments", "users")
    migration_operations.execute(
        row_security.own_account("users"), row_security.own_memberships("organizations")
    )
    _log_ins()
    _account_events()
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON accounts, refresh_tokens TO {RUNTIME_ROLE}")
    op.execute(f"GRANT SELECT, INSERT ON account_events TO {RUNTIME_ROLE}")


def _log_ins() -> None:
    migration_operations.create_organization_table(
        "log_ins",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_log_ins_account_id")
        ),
        key=["id"],
        grants="SELECT, INSERT, UPDATE",
    )
    migration_operations.create_reference("log_ins", "user_id", "users")
    op.create_index(op.f("ix_log_ins_account_id"), "log_ins", ["account_id"])
    migration_operations.execute(row_security.own_account("log_ins", act="ALL"))
    op.create_table(
        "refresh_tokens",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("log_in_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_refresh_tokens")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f("fk_refresh_tokens_account_id")
        ),
    )
    for column in ("log_in_id", "account_id"):
        op.create_index(op.f(f"ix_refresh_tokens_{column}"), "refresh_tokens", [column])


def _account_events() -> None:
    op.create_table(
        "account_events",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        *enum_column("account_events", "kind", *EVENTS),
        sa.Column("account_id", sa.Uuid()),
        sa.Column("email_key", sa.LargeBinary()),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_events")),
    )
    for column in ("email_key", "network"):
        op.create_index(op.f(f"ix_account_events_{column}_at"), "account_events", [column, "at"])
    migration_operations.execute(trail_triggers.append_only("account_events"))


def downgrade() -> None:
    op.drop_table("account_events")
    op.drop_table("refresh_tokens")
    op.drop_table("log_ins")
    for table in ("organizations", "sites", "departments"):
        op.drop_constraint(op.f(f"fk_{table}_organization_id_created_by_id"), table)
        op.drop_constraint(op.f(f"fk_{table}_organization_id_updated_by_id"), table)
    op.execute("DROP POLICY own_memberships ON organizations")
    for table in ("users", "departments", "sites", "organizations", "accounts"):
        op.drop_table(table)
