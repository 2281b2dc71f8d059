"""Let a row get its reference number at the end of the transaction that inserts it.

An import locked the counter of its prefix from its first row on, so that nobody else could create
such a record until it had ended.
"""

from qgp.kit import migration_operations, trail_triggers

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    migration_operations.execute(trail_triggers.NUMBERING_FUNCTIONS)


def downgrade() -> None:
    migration_operations.set_timeouts()
    former = trail_triggers.TRAIL_FUNCTIONS[0].replace(
        "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
    )
    migration_operations.execute((former,))
