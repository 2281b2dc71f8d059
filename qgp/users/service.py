"""Commands on users: invitation, change, role and suspension."""

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
    """Refuse an invitation with a role that the caller cannot give.

    Raises:
        Forbidden: only an OWNER invites an OWNER.
    """
    _only_owners_make_owners(work, role)


async def add_invited(work: Work, **values: Any) -> User:
    """Add a person as an invited user; they become active when they accept.

    Raises:
        AlreadyExists: the person is a user of the organization.
    """
    return await work.add(User(status=UserStatus.INVITED, access_version=1, **values))


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


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> User:
    """Change name, site, department or validity; validity is checked with each request.

    Raises:
        Forbidden: only an OWNER changes an OWNER, and nobody their own site, department or
            validity.
        TransitionNotAllowed: it would limit the validity of the last OWNER.
    """
    if changes.keys() - {"name"}:
        _not_oneself(work, id)
    user = await for_change(work, id, expected_version)
    valid = {"valid_from": user.valid_from, "valid_until": user.valid_until, **changes}
    if valid["valid_from"] or valid["valid_until"]:
        await _keep_an_owner(work, user)
    return await work.change(user, changes)


async def change_role(work: Work, *, id: UUID, expected_version: int, role: Role) -> User:
    """Change the role of a user, from their next request on.

    Raises:
        Forbidden: only an OWNER gives or takes the role OWNER, and nobody changes their own role.
        TransitionNotAllowed: the user is the last OWNER.
    """
    _not_oneself(work, id)
    user = await for_change(work, id, expected_version)
    _only_owners_make_owners(work, role)
    if role is not Role.OWNER:
        await _keep_an_owner(work, user)
    return await work.change(user, {"role": role, "access_version": user.access_version + 1})


async def for_change(work: Work, id: UUID, expected_version: int) -> User:
    """Load a user whom the caller may change; the lock on the owners serializes their changes."""
    await work.rows(lasting_owners().with_for_update())
    user = await work.get(User, id, expected_version=expected_version)
    _only_owners_make_owners(work, user.role)
    return user


async def _keep_an_owner(work: Work, user: User) -> None:
    if blockers := await another_owner.blockers(work, user):
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
