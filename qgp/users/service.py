"""Commands on users: invitation, change, role and suspension."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock, email_addresses
from qgp.kit.context import Context
from qgp.kit.errors import Forbidden, Invalid, TransitionNotAllowed
from qgp.kit.hierarchy import keep_acyclic
from qgp.kit.names import to_camel
from qgp.kit.open_work import OpenWorkCount, reassign
from qgp.kit.policy import Role
from qgp.kit.row_locks import locked
from qgp.kit.transitions import Guard
from qgp.kit.work import Work
from qgp.users.guards import another_owner, lasting_owners, no_open_work, open_work
from qgp.users.model import WORKERS, User, UserStatus

_CIRCLE = Invalid(
    "The manager is the user, or somebody whose manager, directly or not, is the user. Choose "
    "another manager.",
    "managerId",
)
SUCCESSOR = "reassign_open_work_to_id"
SUCCESSOR_DESCRIPTION = (
    "User who takes over the open work of this one, in the same transaction: ACTIVE or INVITED, "
    "with a role that does not only read, and impartial towards the audits. Required while this "
    "one has any and leaves."
)


def require_invitable(work: Work, role: Role) -> None:
    """Refuse an invitation with a role that the caller cannot give.

    Raises:
        Forbidden: only an OWNER invites an OWNER.
    """
    _only_owners_make_owners(work, role)


@dataclass(frozen=True)
class InvitationDelivery:
    """Delivery of invitations, supplied by accounts.

    Attributes:
        deliver: sends an invited user the token to accept with, once the transaction is committed.
        token: returns the token to pass on to an invited user; None for any other user, and where
            it is sent.
    """

    deliver: Callable[[Work, User], Awaitable[None]]
    token: Callable[[Context, User], str | None]


INVITATION_DESCRIPTION = (
    "Token for the invited person, who sends it with `invitationAccept` within 7 days; null "
    "once accepted, and where the server sends it to them by mail."
)


def invitation_token(context: Context, user: User) -> str | None:
    """Return the token to pass on to an invited user; see `InvitationDelivery`."""
    return context.services[InvitationDelivery].token(context, user)


async def add_invited(work: Work, **values: Any) -> User:
    """Add a person as an invited user, who becomes active on acceptance, and invite them.

    Raises:
        AlreadyExists: the person is a user of the organization.
    """
    user = await work.add(User(status=UserStatus.INVITED, access_version=1, **values))
    return await _invite(work, user)


async def renew_invitation(work: Work, user: User) -> User:
    """Renew an invitation that is not accepted yet, and send it."""
    return await _invite(work, await work.move(user, "userInvitationRenew"))


async def _invite(work: Work, user: User) -> User:
    if (delivery := work.services.get(InvitationDelivery)) is not None:
        await delivery.deliver(work, user)
    return user


async def pending(work: Work, email: str) -> User | None:
    """Return the user with that address who is INVITED or WITHDRAWN, or None."""
    is_pending = User.status.in_((UserStatus.INVITED, UserStatus.WITHDRAWN))
    key = email_addresses.parse(email, "email").key
    rows = await work.rows(sa.select(User).where(User.email == key, is_pending))
    return next(iter(rows), None)


async def accept(work: Work, *, id: UUID) -> User:
    """Activate an invited user, in their own name.

    Raises:
        TransitionNotAllowed: the user is not INVITED, or the caller is another user.
    """
    user = await work.get(User, id)
    await work.move(user, "invitationAccept")
    return user


async def suspend(work: Work, user: User, *, reassign_open_work_to_id: UUID | None = None) -> User:
    """Suspend a user, after another user has taken over the open work.

    Raises:
        TransitionNotAllowed: the user has open work and there is no successor, or a guard blocks.
        NotFound, Invalid: see `kit.open_work.reassign`.
    """
    await _hand_over(work, user, reassign_open_work_to_id)
    return await work.move(user, "userSuspend")


async def withdraw(work: Work, user: User, *, reassign_open_work_to_id: UUID | None = None) -> User:
    """Withdraw an invitation, after another user has taken over the open work; see `suspend`."""
    await _hand_over(work, user, reassign_open_work_to_id)
    return await work.move(user, "userInvitationWithdraw")


async def update(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    reassign_open_work_to_id: UUID | None = None,
    **changes: Any,
) -> User:
    """Change name, site, department, manager or validity, which each request checks.

    Raises:
        Forbidden: only an OWNER changes an OWNER, and nobody their own site, department or
            validity.
        TransitionNotAllowed: it would limit the validity of the last OWNER, or the last day has
            passed and the user has open work without a successor.
        NotFound, Invalid: see `kit.open_work.reassign`.
    """
    if changes.keys() - {"name"}:
        _not_oneself(work, id)
    user = await for_change(work, id, expected_version)
    if changes.get("manager_id") is not None:
        await keep_acyclic(work, User.manager_id, id, changes["manager_id"], _CIRCLE)
    valid = {"valid_from": user.valid_from, "valid_until": user.valid_until, **changes}
    if valid["valid_from"] or valid["valid_until"]:
        await _keep_an_owner(work, user)
    await _hand_over(work, user, reassign_open_work_to_id)
    last_day = changes.get("valid_until")
    if last_day is not None and last_day < clock.today(work.caller.zone):
        await _require_none(work, no_open_work, user)
    return await work.change(user, changes)


async def change_role(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    role: Role,
    reassign_open_work_to_id: UUID | None = None,
) -> User:
    """Change the role of a user, from their next request on.

    Raises:
        Forbidden: only an OWNER gives or takes the role OWNER, and nobody changes their own role.
        TransitionNotAllowed: the user is the last OWNER, or the role only reads and the user has
            open work without a successor.
        NotFound, Invalid: see `kit.open_work.reassign`.
    """
    _not_oneself(work, id)
    user = await for_change(work, id, expected_version)
    _only_owners_make_owners(work, role)
    if role is not Role.OWNER:
        await _keep_an_owner(work, user)
    await _hand_over(work, user, reassign_open_work_to_id)
    if role not in WORKERS:
        await _require_none(work, no_open_work, user)
    return await work.change(user, {"role": role, "access_version": user.access_version + 1})


async def for_change(work: Work, id: UUID, expected_version: int) -> User:
    """Load a user whom the caller may change; the lock on the owners serializes their changes."""
    await work.rows(locked(lasting_owners()))
    user = await work.get(User, id, expected_version=expected_version)
    _only_owners_make_owners(work, user.role)
    return user


async def _hand_over(work: Work, user: User, successor_id: UUID | None) -> None:
    """Hand over the open work of a user, and answer with its numbers."""
    if successor_id is None:
        work.answers["open_work"] = []
        return
    counts: dict[str, int] = await work.load(open_work, user.id)
    await reassign(work, user.id, successor_id, to_camel(SUCCESSOR))
    work.answers["open_work"] = [OpenWorkCount(kind, count) for kind, count in counts.items()]


async def _keep_an_owner(work: Work, user: User) -> None:
    await _require_none(work, another_owner, user)


async def _require_none(work: Work, guard: Guard, user: User) -> None:
    """Refuse a change of a user that a guard of their workflow blocks.

    Raises:
        TransitionNotAllowed: it does.
    """
    if blockers := await guard.blockers(work, user):
        raise TransitionNotAllowed(blockers[0].message, blockers)


def _not_oneself(work: Work, id: UUID) -> None:
    if work.caller.user_id == id:
        message = (
            "This is your own user. Nobody changes their own role, site, department or validity; "
            "ask another administrator."
        )
        raise Forbidden(message, "id")


def _only_owners_make_owners(work: Work, role: Role) -> None:
    if role is Role.OWNER and work.caller.role is not Role.OWNER:
        raise Forbidden(
            "The role is OWNER and yours is not. Only an OWNER invites, changes or suspends an "
            "OWNER; ask one.",
            "role",
        )
