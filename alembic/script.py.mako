"""${message[0].upper() + message[1:]}."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migrating
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = None
depends_on = None


def upgrade() -> None:
    migrating.start()
    ${upgrades if upgrades else ""}


def downgrade() -> None:
    migrating.start()
    ${downgrades if downgrades else ""}
