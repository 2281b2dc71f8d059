"""Add processes, and let findings and CAPAs be about one."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
from qgp.kit.migration_operations import enum_column, unique_in_organization

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SUBJECTS = ("findings", "capas")


def upgrade() -> None:
    migration_operations.set_timeouts()
    table = "processes"
    migration_operations.create_record_table(
        table,
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *enum_column(table, "kind", "CORE", "SUPPORT", "MANAGEMENT"),
        sa.Column("inputs", sa.Text()),
        sa.Column("outputs", sa.Text()),
        unique_in_organization("code", table=table),
        sa.CheckConstraint("parent_id <> id", name=op.f(f"ck_{table}_tree")),
        refs={"owner_id": "users", "department_id": "departments", "parent_id": table},
    )
    migration_operations.create_author_references(table)
    for subject in SUBJECTS:
        op.add_column(subject, sa.Column("process_id", sa.Uuid()))
        columns = ["organization_id", "process_id"]
        op.create_index(op.f(f"ix_{subject}_{'_'.join(columns)}"), subject, columns)
        migration_operations.create_reference(subject, "process_id", table)


def downgrade() -> None:
    migration_operations.set_timeouts()
    for subject in SUBJECTS:
        op.drop_column(subject, "process_id")
    op.drop_table("processes")
