"""${message[0].upper() + message[1:]}."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    migration_operations.set_timeouts()
    ${upgrades if upgrades else ""}


def downgrade() -> None:
    migration_operations.set_timeouts()
    ${downgrades if downgrades else ""}
