"""Guards of the user workflow."""

from typing import Any

import sqlalchemy as sa

from qgp.kit.open_work import OpenWork
from qgp.kit.policy import Role
from qgp.kit.transitions import GuardContext, guard
from qgp.users.model import User, UserStatus
from qgp.users.policy import MANAGE

OPEN_WORK = "OPEN_WORK"
open_work = OpenWork(MANAGE)


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
    return (
        "This is the only active OWNER without limits of validity. An organization keeps one; "
        "give another user the role OWNER first (userChangeRole)."
    )


@guard("OWNERS_ONLY", is_denial=True)
async def among_owners(facts: GuardContext, user: User) -> str | None:
    """This user is an OWNER. Only an OWNER changes the access of an OWNER; ask one."""
    if user.role is not Role.OWNER or facts.caller.role is Role.OWNER:
        return None
    return "This user is an OWNER. Only an OWNER changes the access of an OWNER; ask one."


@guard("NOT_YOURSELF", is_denial=True)
async def in_person(facts: GuardContext, user: User) -> str | None:
    """Only the invited person accepts the invitation."""
    if facts.caller.user_id == user.id:
        return None
    return (
        "You are not the invited person. An invitation is accepted by the invited person with its "
        "token (invitationAccept)."
    )


@guard(OPEN_WORK)
async def no_open_work(facts: GuardContext, user: User) -> str | None:
    """The user has no open work, or another user takes it over (`reassignOpenWorkToId`)."""
    if not facts.caller.may(MANAGE):
        return None
    counts: dict[str, int] = await facts.load(open_work, user.id)
    if not counts:
        return None
    numbers = ", ".join(f"{kind} {number}" for kind, number in counts.items())
    return (
        f"{user.name} has open work ({numbers}). A user who leaves hands it over; name the user "
        "who takes it over (reassignOpenWorkToId), or reassign it first."
    )
