"""Table of calendar feeds."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.model import Owned, unique


class CalendarFeed(Owned):
    """The calendar feed of a user.

    No record: a credential, like a sign-in, whose use changes it without a version.

    Attributes:
        secret_hash: SHA-256 of the secret in its address.
    """

    __tablename__ = "calendar_feeds"

    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    secret_hash: Mapped[bytes]
    created_at: Mapped[datetime]
    last_read_at: Mapped[datetime | None]
    __table_args__: Any = (
        unique("secret_hash"),
        sa.ForeignKeyConstraint(
            ["organization_id", "user_id"], ["users.organization_id", "users.id"]
        ),
    )
