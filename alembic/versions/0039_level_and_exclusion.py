"""Add level and exclusion to clauses, with the values that the catalogue ships.

No entry of the audit trail is written: the values of adopted clauses are those that adopting the
edition anew would give, and clauses of other origins keep the former behaviour.
"""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None

TABLE = "clauses"
VALUES = {"level": ("SITE", "ORGANIZATION"), "exclusion": ("JUSTIFIED", "NEVER")}
FILLED = r"""
    UPDATE clauses SET
      level = CASE WHEN number ~ '^(4|5|6|9\.2|9\.3|10|A\.5|A\.6|A\.8)(\.|$)'
        THEN 'ORGANIZATION' ELSE 'SITE' END,
      exclusion = CASE WHEN number ~ '^A' OR family_code = 'ISO9001' AND number ~ '^[678]'
        THEN 'JUSTIFIED' ELSE 'NEVER' END
    FROM standards
    WHERE standards.organization_id = clauses.organization_id
      AND standards.id = clauses.standard_id AND standards.origin = 'CATALOGUE'
      AND family_code IN ('ISO9001', 'ISO14001', 'ISO27001', 'ISO45001')
"""


def upgrade() -> None:
    migration_operations.set_timeouts()
    for name, (default, other) in VALUES.items():
        op.add_column(TABLE, sa.Column(name, sa.String(40), nullable=False, server_default=default))
        rule = f"{name} IN ('{default}', '{other}')"
        op.create_check_constraint(op.f(f"ck_{TABLE}_{name}"), TABLE, rule)
    with (
        migration_operations.without_triggers(TABLE),
        migration_operations.without_triggers("standards"),
    ):
        op.execute(FILLED)


def downgrade() -> None:
    migration_operations.set_timeouts()
    for name in VALUES:
        op.drop_column(TABLE, name)
