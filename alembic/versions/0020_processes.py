"""Add processes, and let findings and CAPAs be about one."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migrating
from qgp.kit.migrating import choice, shared

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SUBJECTS = ("findings", "capas")


def upgrade() -> None:
    migrating.start()
    table = "processes"
    migrating.create_record(
        table,
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        *choice(table, "kind", "CORE", "SUPPORT", "MANAGEMENT"),
        sa.Column("inputs", sa.Text()),
        sa.Column("outputs", sa.Text()),
        shared("code", table=table),
        sa.CheckConstraint("parent_id <> id", name=op.f(f"ck_{table}_tree")),
        refs={"owner_id": "users", "department_id": "departments", "parent_id": table},
    )
    migrating.people(table)
    for subject in SUBJECTS:
        op.add_column(subject, sa.Column("process_id", sa.Uuid()))
        columns = ["organization_id", "process_id"]
        op.create_index(op.f(f"ix_{subject}_{'_'.join(columns)}"), subject, columns)
        migrating.point(subject, "process_id", table)


def downgrade() -> None:
    migrating.start()
    for subject in SUBJECTS:
        op.drop_column(subject, "process_id")
    op.drop_table("processes")
