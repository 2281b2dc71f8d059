"""Add requests for a new password by mail, with the event that limits them."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.runtime_role import RUNTIME_ROLE

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

TABLE, EVENTS = "password_resets", "account_events"
FORMER = ("LOG_IN", "LOG_IN_FAILED", "LOG_OUT", "PASSWORD_CHANGED", "REFRESH_REUSED")
REQUESTED = "PASSWORD_RESET_REQUESTED"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.create_table(
        TABLE,
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("account_id", name=op.f(f"pk_{TABLE}")),
        sa.UniqueConstraint("hash", name=op.f(f"uq_{TABLE}_hash")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["accounts.id"], name=op.f(f"fk_{TABLE}_account_id")
        ),
    )
    op.execute(f"GRANT SELECT, INSERT, UPDATE ON {TABLE} TO {RUNTIME_ROLE}")
    _limit_kinds(*FORMER, REQUESTED)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.execute(f"ALTER TABLE {EVENTS} DISABLE TRIGGER only_append")
    events = sa.table(EVENTS, sa.column("kind"))
    op.execute(sa.delete(events).where(events.c.kind == REQUESTED))
    op.execute(f"ALTER TABLE {EVENTS} ENABLE TRIGGER only_append")
    _limit_kinds(*FORMER)
    op.drop_table(TABLE)


def _limit_kinds(*kinds: str) -> None:
    name, listed = op.f(f"ck_{EVENTS}_kind"), ", ".join(f"'{kind}'" for kind in kinds)
    op.drop_constraint(name, EVENTS)
    op.create_check_constraint(name, EVENTS, f"kind IN ({listed})")
