"""Table of watches."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import ids
from qgp.kit.indexes import index
from qgp.kit.model import ANY_RECORD, Owned


class Watch(Owned):
    """Watch: a user wants to be notified of the changes of a record and of its parts.

    No record: a preference of one user, without a history, and beside the internal event of its end
    without events.

    Attributes:
        subject_type: prefix of the record, which is a subject (`kit.subjects`).
    """

    __tablename__ = "watches"

    id: Mapped[UUID] = mapped_column(primary_key=True, default=ids.uuid7)
    user_id: Mapped[UUID] = mapped_column(info={"ref": "users"})
    subject_type: Mapped[str]
    subject_id: Mapped[UUID] = mapped_column(info={ANY_RECORD: True})
    created_at: Mapped[datetime]
    __table_args__: Any = (
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"], ["users.organization_id", "users.id"]
        ),
        sa.UniqueConstraint(
            *("organization_id", "user_id", "subject_id"), name="uq_watches_user_subject"
        ),
        index("ix_watches_of_subject", "subject_id", serves="watches of a changed record"),
    )
