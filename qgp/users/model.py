"""A user: one person's membership in one organization."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.email_addresses import search_key
from qgp.kit.errors import AlreadyExists
from qgp.kit.model import KEY_OF, Record, in_order, ref, unique
from qgp.kit.policy import Role
from qgp.kit.text_keys import sortable
from qgp.kit.workflow import Stateful


class UserStatus(DescribedEnum):
    """Whether a user may sign in to the organization."""

    INVITED = "INVITED", "Invited, and has not accepted yet."
    ACTIVE = "ACTIVE", "May sign in, within the days of validity."
    SUSPENDED = "SUSPENDED", "May not sign in; the records keep their name."
    WITHDRAWN = "WITHDRAWN", "Was invited, and may not accept until the invitation is renewed."


class User(Stateful, Record):
    """A person in an organization.

    Attributes:
        account_id: the credentials behind the user; the same person may have users elsewhere.
        email: the key of the address, by which the user is looked up, filtered and sorted.
        email_typed: the address with its local part as typed; null for who was invited before it
            was kept.
        access_version: counted up when role or status changes, which ends older tokens.
    """

    __tablename__ = "users"
    prefix = "usr"
    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    email: Mapped[str] = sortable(info={KEY_OF: search_key})
    email_typed: Mapped[str | None]
    address: Mapped[str] = mapped_column(sa.Computed("coalesce(email_typed, email)"))
    name: Mapped[str] = sortable()
    role: Mapped[Role]
    status: Mapped[UserStatus]
    access_version: Mapped[int] = mapped_column(default=1)
    site_id: Mapped[UUID | None] = ref("sites")
    department_id: Mapped[UUID | None] = ref("departments")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    @property
    def is_invited(self) -> bool:
        """Whether the person has yet to accept an invitation that holds."""
        return self.status is UserStatus.INVITED

    __table_args__: Any = (
        unique(
            "account_id",
            error=AlreadyExists("This person is a user of your organization already.", "email"),
        ),
        unique(
            "email",
            error=AlreadyExists("This person is a user of your organization already.", "email"),
        ),
        sa.Index(None, "account_id"),
        in_order(
            "valid_days",
            "valid_from",
            "valid_until",
            "The last day of validity is before the first.",
        ),
    )
