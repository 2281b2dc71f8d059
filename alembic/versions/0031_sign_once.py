"""Let a person sign a version of a record once with each meaning.

Signatures that were repeated before keep standing: they are numbered, and nothing that was signed
changes.
"""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

TABLE, COLUMN, RULE = "signatures", "repetition", "uq_signatures_once"
ONCE = ("subject_id", "subject_version", "signer_id", "meaning")
NUMBERED = f"""
UPDATE {TABLE} repeated SET {COLUMN} = numbered.place
FROM (
  SELECT organization_id, id, row_number() OVER (
    PARTITION BY organization_id, {", ".join(ONCE)} ORDER BY signed_at, id
  ) - 1 AS place FROM {TABLE}
) numbered
WHERE repeated.organization_id = numbered.organization_id AND repeated.id = numbered.id
  AND numbered.place > 0
"""  # noqa: S608 - constants


def upgrade() -> None:
    migration_operations.set_timeouts()
    op.add_column(TABLE, sa.Column(COLUMN, sa.Integer(), nullable=False, server_default="0"))
    with migration_operations.without_triggers(TABLE):
        op.execute(NUMBERED)
    op.create_unique_constraint(op.f(RULE), TABLE, ["organization_id", *ONCE, COLUMN])


def downgrade() -> None:
    migration_operations.set_timeouts()
    op.drop_constraint(RULE, TABLE)
    op.drop_column(TABLE, COLUMN)
