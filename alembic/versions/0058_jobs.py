"""Create the queue of the worker, and what it has done: events by consumer, days by job."""

import sqlalchemy as sa
from alembic import op
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

from qgp.kit import migration_operations, row_security
from qgp.kit.runtime_role import RUNTIME_ROLE

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None

QUEUE_TABLES = ("pgqueuer", "pgqueuer_log", "pgqueuer_schedules", "pgqueuer_statistics")


def upgrade() -> None:
    migration_operations.set_timeouts()
    for table, key, value in (
        ("outbox_cursors", "consumer", sa.Column("position", sa.BigInteger(), nullable=False)),
        ("daily_runs", "job", sa.Column("day", sa.Date(), nullable=False)),
    ):
        migration_operations.create_organization_table(
            table,
            sa.Column(key, sa.Text(), nullable=False),
            value,
            key=[key],
            grants="SELECT, INSERT, UPDATE",
        )
        migration_operations.execute(row_security.known_to_operator(table))
    install = QueryBuilderEnvironment().build_install_query(create_schema=False)
    op.get_bind().exec_driver_sql(f"DO $install$ BEGIN {install} END $install$")
    tables = ", ".join(QUEUE_TABLES)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {tables} TO {RUNTIME_ROLE}")
    for table in QUEUE_TABLES:
        op.execute(f"GRANT USAGE ON SEQUENCE {table}_id_seq TO {RUNTIME_ROLE}")


def downgrade() -> None:
    migration_operations.set_timeouts()
    for table in (*QUEUE_TABLES, "daily_runs", "outbox_cursors"):
        op.drop_table(table)
    op.execute("DROP FUNCTION fn_pgqueuer_changed")
    op.execute("DROP TYPE pgqueuer_status")
