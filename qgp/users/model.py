"""Table of users, each the membership of a person in an organization."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import sql_dates
from qgp.kit.assignment import Assignable
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.email_addresses import search_key
from qgp.kit.errors import AlreadyExists
from qgp.kit.indexes import reasons
from qgp.kit.model import KEY_OF, Record, in_order, ref, unique
from qgp.kit.policy import EVERYONE, Role
from qgp.kit.text_keys import sortable
from qgp.kit.workflow import Stateful


class UserStatus(DescribedEnum):
    """Status of a user."""

    INVITED = "INVITED", "Invited, not accepted yet."
    ACTIVE = "ACTIVE", "May sign in within the days of validity."
    SUSPENDED = "SUSPENDED", "May not sign in; records keep the name."
    WITHDRAWN = "WITHDRAWN", "Invitation withdrawn; cannot be accepted until it is renewed."


PRESENT = frozenset({UserStatus.INVITED, UserStatus.ACTIVE})
WORKERS = EVERYONE - {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}


class User(Assignable, Stateful, Record):
    """A user: the membership of a person in an organization.

    Attributes:
        account_id: the credentials behind the user; the same person may have users elsewhere.
        email: the key of the address, by which the user is looked up, filtered and sorted.
        email_typed: the address with its local part as typed; null for who was invited before it
            was kept.
        access_version: counted up when role or status changes, which ends older tokens.
    """

    __tablename__ = "users"
    prefix = "usr"
    RULE = "ACTIVE or INVITED, and not past `validUntil`"
    WORK_RULE = f"{RULE}, and neither EXTERNAL_AUDITOR nor SUPPLIER_CONTACT"
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
    manager_id: Mapped[UUID | None] = ref("users")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    @property
    def is_invited(self) -> bool:
        """Whether the user is INVITED."""
        return self.status is UserStatus.INVITED

    @classmethod
    def is_available(cls, at: Any) -> sa.ColumnElement[bool]:
        """Return the condition that the user is present, and not past the last day of validity."""
        today = sql_dates.today(at)
        is_valid = sa.or_(cls.valid_until.is_(None), cls.valid_until >= today)
        return sa.and_(cls.status.in_(sorted(PRESENT)), is_valid)

    @classmethod
    def may_work(cls) -> sa.ColumnElement[bool]:
        """Return the condition that the user's role does work."""
        return cls.role.in_(sorted(WORKERS))

    __table_args__: Any = (
        unique(
            "account_id",
            error=AlreadyExists(
                "A user of your organization has this e-mail address already. Each person is a "
                "user once; change that user, or renew the invitation (userInvitationRenew).",
                "email",
            ),
        ),
        unique(
            "email",
            error=AlreadyExists(
                "A user of your organization has this e-mail address already. Each person is a "
                "user once; change that user, or renew the invitation (userInvitationRenew).",
                "email",
            ),
        ),
        sa.Index(None, "account_id", info=reasons("users of an account, at its sign-in")),
        in_order(
            "valid_days",
            "valid_from",
            "valid_until",
            "validUntil is before validFrom. The last day of validity is on or after the "
            "first; send another validUntil.",
        ),
    )
