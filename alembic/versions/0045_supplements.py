"""Add supplements to issued audit reports: late findings with instant and reason."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

_RULE = "ck_findings_supplement"
_BOTH = "(supplemented_at IS NULL) = (supplement_reason IS NULL)"


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column("findings", sa.Column("supplemented_at", sa.DateTime(timezone=True)))
    op.add_column("findings", sa.Column("supplement_reason", sa.Text()))
    op.create_check_constraint(op.f(_RULE), "findings", _BOTH)


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_constraint(op.f(_RULE), "findings", type_="check")
    op.drop_column("findings", "supplement_reason")
    op.drop_column("findings", "supplemented_at")
