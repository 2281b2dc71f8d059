"""Conditions of the steps of a user."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.policy import Role
from qgp.kit.transitions import GuardContext, guard
from qgp.users.model import User, UserStatus


def lasting_owners() -> sa.Select[Any]:
    """Select the ids of the active owners without a first or last day of validity."""
    is_active = (User.role == Role.OWNER, User.status == UserStatus.ACTIVE)
    has_no_bound = (User.valid_from.is_(None), User.valid_until.is_(None))
    return sa.select(User.id).where(*is_active, *has_no_bound).order_by(User.id)


@guard("LAST_OWNER")
async def another_owner(facts: GuardContext, user: User) -> str | None:
    """The organization keeps an active owner without limits of validity."""
    owners = await facts.once("lasting_owners", lasting_owners())
    if list(owners) != [user.id]:
        return None
    return "This is the last active owner. Make somebody else an owner first."


@guard("OWNERS_ONLY", is_denial=True)
async def among_owners(facts: GuardContext, user: User) -> str | None:
    """Only an owner decides on an owner."""
    if user.role is not Role.OWNER or facts.caller.role is Role.OWNER:
        return None
    return "Only an owner decides on an owner."


@guard("NOT_YOURSELF", is_denial=True)
async def in_person(facts: GuardContext, user: User) -> str | None:
    """Only the invited person accepts the invitation."""
    if facts.caller.user_id == user.id:
        return None
    return "Only the invited person can accept, with the token of the invitation."
