"""A user: one person's membership in one organization."""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.email_addresses import search_key
from qgp.kit.errors import AlreadyExists, Blocker
from qgp.kit.model import KEY_OF, Record, ref, unique
from qgp.kit.policy import ADMINISTRATORS, EVERYONE, Role
from qgp.kit.terms import Term
from qgp.kit.workflow import Facts, Stateful, Transition, Workflow


class UserStatus(Term):
    """Whether a user may sign in to the organization."""

    INVITED = "INVITED", "Invited, and has not accepted yet."
    ACTIVE = "ACTIVE", "May sign in, within the days of validity."
    SUSPENDED = "SUSPENDED", "May not sign in; the records keep their name."
    WITHDRAWN = "WITHDRAWN", "Was invited, and may not accept until the invitation is renewed."


def _member_already() -> AlreadyExists:
    return AlreadyExists("This person is a user of your organization already.", "email")


def lasting_owners() -> sa.Select[Any]:
    """Select the ids of the active owners without a first or last day of validity."""
    is_active = (User.role == Role.OWNER, User.status == UserStatus.ACTIVE)
    has_no_bound = (User.valid_from.is_(None), User.valid_until.is_(None))
    return sa.select(User.id).where(*is_active, *has_no_bound).order_by(User.id)


async def another_owner(facts: Facts, user: "User") -> Sequence[Blocker]:
    """Guard LAST_OWNER: an organization keeps an active owner whose days are not numbered."""
    owners = await facts.once("lasting_owners", lasting_owners())
    if list(owners) != [user.id]:
        return []
    told = "This is the last active owner. Make somebody else an owner first."
    return [Blocker("LAST_OWNER", told, user.public_id)]


async def among_owners(facts: Facts, user: "User") -> Sequence[Blocker]:
    """Guard OWNERS_ONLY: nobody but an owner decides on an owner."""
    if user.role is not Role.OWNER or facts.caller.role is Role.OWNER:
        return []
    told = "Only an owner decides on an owner."
    return [Blocker("OWNERS_ONLY", told, user.public_id, is_denial=True)]


async def in_person(facts: Facts, user: "User") -> Sequence[Blocker]:
    """Guard NOT_YOURSELF: nobody accepts an invitation for another."""
    if facts.caller.user_id == user.id:
        return []
    told = "Only the invited person can accept, with the token of the invitation."
    return [Blocker("NOT_YOURSELF", told, user.public_id, is_denial=True)]


class User(Stateful, Record):
    """A person in an organization.

    Attributes:
        account_id: the credentials behind the user; the same person may have users elsewhere.
        email: the key of the address, by which the user is looked up, filtered and sorted.
        email_typed: the address with its local part as typed; null for who was invited before it
            was kept.
        address: the address as it is shown.
        access_version: counted up when role or status changes, which ends older tokens.
        site_id, department_id: where the person works; limits what `qgp.kit.scopes` says.
        valid_from, valid_until: first and last day the user may sign in; null for no bound.
    """

    __tablename__ = "users"
    prefix = "usr"
    workflow = Workflow(
        {UserStatus.INVITED, UserStatus.ACTIVE},
        Transition(
            "invitationAccept",
            frozenset({UserStatus.INVITED}),
            UserStatus.ACTIVE,
            EVERYONE,
            guards=(in_person,),
        ),
        Transition(
            "userInvitationWithdraw",
            frozenset({UserStatus.INVITED}),
            UserStatus.WITHDRAWN,
            ADMINISTRATORS,
            guards=(among_owners,),
        ),
        Transition(
            "userInvitationRenew",
            frozenset({UserStatus.INVITED, UserStatus.WITHDRAWN}),
            UserStatus.INVITED,
            ADMINISTRATORS,
            guards=(among_owners,),
        ),
        Transition(
            "userSuspend",
            frozenset({UserStatus.ACTIVE}),
            UserStatus.SUSPENDED,
            ADMINISTRATORS,
            guards=(among_owners, another_owner),
        ),
        Transition(
            "userReinstate",
            frozenset({UserStatus.SUSPENDED}),
            UserStatus.ACTIVE,
            ADMINISTRATORS,
            guards=(among_owners,),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(sa.ForeignKey("accounts.id"))
    email: Mapped[str] = mapped_column(info={KEY_OF: search_key})
    email_typed: Mapped[str | None]
    address: Mapped[str] = mapped_column(sa.Computed("coalesce(email_typed, email)"))
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
