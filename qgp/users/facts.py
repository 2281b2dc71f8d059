"""Who can be given work: whoever may sign in, now or soon, and is a member of the house."""

from uuid import UUID

import sqlalchemy as sa

from qgp.kit.errors import Invalid, NotFound
from qgp.kit.policy import EVERYONE, Role
from qgp.kit.work import Work
from qgp.users.model import User, UserStatus

WORKING = EVERYONE - {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}
_WILL_WORK = frozenset({UserStatus.ACTIVE, UserStatus.INVITED})


async def is_fit_to_work(work: Work, id: UUID) -> bool:
    """Say whether a user could do work."""
    who = User.status.in_(_WILL_WORK), User.role.in_(WORKING)
    return bool(await work.rows(sa.select(User.id).where(User.id == id, *who)))


async def fit_to_work(work: Work, id: UUID, path: str = "ownerId") -> None:
    """Refuse an owner who could not do the work; `path` locates the input.

    Raises:
        NotFound: no such user in this organization.
        Invalid: they are suspended, or only read here.
    """
    found = await work.rows(sa.select(User).where(User.id == id))
    if not found:
        raise NotFound("No User with this id is visible to you.", path)
    if found[0].status not in _WILL_WORK or found[0].role not in WORKING:
        told = "This user cannot do work here now. Choose one who may sign in and act."
        raise Invalid(told, path)
