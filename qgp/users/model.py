"""A user: one person's membership in one organization."""

from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.errors import AlreadyExists
from qgp.kit.model import Record, ref, unique
from qgp.kit.policy import Role


class UserStatus(StrEnum):
    """Whether a user may sign in to the organization."""

    INVITED = "INVITED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"


def _member_already() -> AlreadyExists:
    return AlreadyExists("This person is a user of your organization already.", "email")


class User(Record):
    """A person in an organization.

    Attributes:
        account_id: the credentials behind the user; the same person may have users elsewhere.
        access_version: counted up when role or status changes, which ends older access tokens.
        site_id, department_id: where the role holds; null for everywhere.
        valid_from, valid_until: first and last day the user may sign in; null for no bound.
    """

    __tablename__ = "users"
    prefix = "usr"

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[Role]
    status: Mapped[UserStatus]
    access_version: Mapped[int] = mapped_column(default=1)
    site_id: Mapped[UUID | None] = ref("sites")
    department_id: Mapped[UUID | None] = ref("departments")
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    __table_args__: Any = (
        unique("account_id", error=_member_already),
        unique("email", error=_member_already),
        sa.Index(None, "account_id"),
        sa.CheckConstraint("valid_until >= valid_from", name="valid_days"),
    )
