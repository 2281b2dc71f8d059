"""Let CAPAs ask for a review of risks, a change of documents and training."""

import sqlalchemy as sa
from alembic import op

from qgp.kit import migration_operations

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

TABLE = "capas"
FLAGS = ("is_risk_review_required", "is_document_change_required", "is_training_required")
NOTES = ("risk_review_note", "document_change_note", "training_note")


def upgrade() -> None:
    migration_operations.set_timeouts()
    for name in FLAGS:
        no = sa.false()
        op.add_column(TABLE, sa.Column(name, sa.Boolean(), nullable=False, server_default=no))
    for name in NOTES:
        op.add_column(TABLE, sa.Column(name, sa.Text()))


def downgrade() -> None:
    migration_operations.set_timeouts()
    for name in (*FLAGS, *NOTES):
        op.drop_column(TABLE, name)
