"""Commands on users: add, change, suspend; accounts invites people and checks passwords."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import email_addresses
from qgp.kit.errors import Forbidden, TransitionNotAllowed
from qgp.kit.policy import Role
from qgp.kit.work import Work
from qgp.users.guards import another_owner, lasting_owners
from qgp.users.model import User, UserStatus


def require_invitable(work: Work, role: Role) -> None:
    """Refuse to invite somebody in a role, or for days, that the caller cannot give.

    Raises:
        Forbidden: only an owner makes owners.
    """
    _only_owners_make_owners(work, role)


async def add_invited(work: Work, **values: Any) -> User:
    """Add a person as an invited user; they become active when they accept.

    Raises:
        AlreadyExists: the person is a user here already.
    """
    return await work.add(User(status=UserStatus.INVITED, access_version=1, **values))


async def pending(work: Work, email: str) -> User | None:
    """Return who was invited at that address and has not accepted, withdrawn or not."""
    is_pending = User.status.in_((UserStatus.INVITED, UserStatus.WITHDRAWN))
    key = email_addresses.parse(email, "email").key
    rows = await work.rows(sa.select(User).where(User.email == key, is_pending))
    return next(iter(rows), None)


async def accept(work: Work, *, id: UUID) -> User:
    """Make an invited user active, in their own name.

    Raises:
        TransitionNotAllowed: they are not invited any more, or somebody else asks.
    """
    user = await work.get(User, id)
    await work.move(user, "invitationAccept")
    return user


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> User:
    """Change name, place or validity; the days of validity are looked at with each request.

    Raises:
        Forbidden: only an owner changes owners, and nobody their own place or validity.
        TransitionNotAllowed: it would number the days of the last owner.
    """
    if changes.keys() - {"name"}:
        _not_oneself(work, id)
    user = await for_change(work, id, expected_version)
    valid = {"valid_from": user.valid_from, "valid_until": user.valid_until, **changes}
    if valid["valid_from"] or valid["valid_until"]:
        await _keep_an_owner(work, user)
    return await work.change(user, changes)


async def change_role(work: Work, *, id: UUID, expected_version: int, role: Role) -> User:
    """Give a user another role; it holds from their next request on.

    Raises:
        Forbidden: only an owner makes, or unmakes, owners, and nobody changes their own role.
        TransitionNotAllowed: it would take the last owner away.
    """
    _not_oneself(work, id)
    user = await for_change(work, id, expected_version)
    _only_owners_make_owners(work, role)
    if role is not Role.OWNER:
        await _keep_an_owner(work, user)
    return await work.change(user, {"role": role, "access_version": user.access_version + 1})


async def for_change(work: Work, id: UUID, expected_version: int) -> User:
    """Load a user whom the caller may change; of two owners who end each other, one waits."""
    await work.rows(lasting_owners().with_for_update())
    user = await work.get(User, id, expected_version=expected_version)
    _only_owners_make_owners(work, user.role)
    return user


async def _keep_an_owner(work: Work, user: User) -> None:
    if blockers := await another_owner.blockers(work, user):
        raise TransitionNotAllowed(blockers[0].message, blockers)


def _not_oneself(work: Work, id: UUID) -> None:
    if work.caller.user_id == id:
        message = "Nobody changes their own role, place or validity. Ask another administrator."
        raise Forbidden(message, "id")


def _only_owners_make_owners(work: Work, role: Role) -> None:
    if role is Role.OWNER and work.caller.role is not Role.OWNER:
        raise Forbidden("Only an owner may make, change or suspend an owner.", "role")
