"""Statements about users: members who may sign in, and users who can be assigned work."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import clock
from qgp.kit.email_addresses import search_key
from qgp.kit.errors import NotFound
from qgp.kit.facts import table_of
from qgp.kit.policy import Principal, Role
from qgp.kit.work import NOBODY, Work
from qgp.organizations.facts import with_active_organization_unfiltered
from qgp.users.model import User, UserStatus
from qgp.users.policy import READ

_MOST_NOTIFIED = 10  # users of a role
_MEMBER: tuple[Any, ...] = (
    User.id,
    User.account_id,
    User.organization_id,
    User.role,
    User.site_id,
    User.department_id,
    User.access_version,
    User.valid_from,
    User.valid_until,
    User.version,
)


@dataclass(frozen=True)
class Member:
    """An active user of an active organization, as currently stored."""

    user_id: UUID
    account_id: UUID
    organization_id: UUID
    role: Role
    site_id: UUID | None
    department_id: UUID | None
    access_version: int
    valid_from: date | None
    valid_until: date | None
    version: int
    slug: str
    zone: str
    organization_version: int

    @property
    def stamp(self) -> str:
        """A text that changes with every change of the user or the organization.

        The database makes the same text, in its function `stamps_in_force`.
        """
        return f"{self.version}.{self.organization_version}"

    @property
    def is_in_force(self) -> bool:
        """Whether the organization's calendar day lies within the user's days of validity."""
        if self.valid_from is None and self.valid_until is None:
            return True
        today = clock.today(self.zone)
        has_begun = self.valid_from is None or self.valid_from <= today
        return has_begun and (self.valid_until is None or today <= self.valid_until)

    def signed_in(self, log_in_id: UUID) -> Principal:
        """Return the principal of a sign-in."""
        return Principal(
            user_id=self.user_id,
            account_id=self.account_id,
            organization_id=self.organization_id,
            session_id=log_in_id,
            role=self.role,
            zone=self.zone,
            site_id=self.site_id,
            department_id=self.department_id,
        )


def members_unfiltered(**values: Any) -> sa.Select[Any]:
    """Select the fields of `Member`, in its order, of active users in active organizations.

    Args:
        values: what columns of the user equal, by name: values, parameters or other columns.
    """
    is_sought = [getattr(User, name) == value for name, value in values.items()]
    active = sa.select(*_MEMBER).where(User.status == UserStatus.ACTIVE, *is_sought)
    return with_active_organization_unfiltered(active, User.organization_id)


async def member_unfiltered(session: AsyncSession, **values: Any) -> Member | None:
    """Return the user with these values who may sign in now, or None."""
    row = (await session.execute(members_unfiltered(**values))).first()
    member = None if row is None else Member(*row)
    return member if member is not None and member.is_in_force else None


async def principal_unfiltered(session: AsyncSession, email: str) -> Principal | None:
    """Return the principal of an address in the session's organization, if they may sign in now."""
    member = await member_unfiltered(session, email=search_key(email))
    return None if member is None else member.signed_in(NOBODY)


async def principals_unfiltered(
    session: AsyncSession,
    *,
    ids: Collection[UUID] | None = None,
    roles: Collection[Role] = (),
    most: int | None = None,
) -> dict[UUID, Principal]:
    """Return the principals of users of the session's organization who may sign in now, by id.

    Args:
        ids: of the users; None for those who have one of `roles`.
        roles: see `ids`.
        most: the largest number of rows to read.
    """
    is_sought = User.role.in_(sorted(roles)) if ids is None else User.id.in_(ids)
    statement = members_unfiltered().where(is_sought).order_by(User.id).limit(most)
    members = [Member(*row) for row in await session.execute(statement)]
    return {one.user_id: one.signed_in(NOBODY) for one in members if one.is_in_force}


async def users_to_notify_unfiltered(
    session: AsyncSession, roles: Collection[Role]
) -> dict[UUID, Principal]:
    """Return the users to notify of work that waits for some roles, by id.

    No user is notified of work that waits for more than 10: it is in `myWork` alone.
    """
    users = await principals_unfiltered(session, roles=roles, most=_MOST_NOTIFIED + 1)
    return users if len(users) <= _MOST_NOTIFIED else {}


async def user_unfiltered(session: AsyncSession, id: UUID) -> User | None:
    """Return a user of the session's organization, whether they may sign in or not."""
    return await session.scalar(sa.select(User).where(User.id == id))


async def visible_roles(work: Work, ids: Collection[UUID]) -> dict[UUID, Role]:
    """Return the roles of those of the users whom the caller may read, by id."""
    visible = READ.visible(work.caller)
    statement: Any = sa.select(User.id, User.role).where(User.id.in_(ids), *visible)
    return dict(await work.tuples(statement))


async def is_fit_to_work(work: Work, id: UUID) -> bool:
    """Return whether a user can be assigned work."""
    is_fit = User.id == id, User.is_available(clock.now()), User.may_work()
    return bool(await work.rows(sa.select(User.id).where(*is_fit)))


async def require_user_unfiltered(work: Work, id: UUID, *path: str) -> None:
    """Check that a user exists; `path` locates the input.

    Raises:
        NotFound: no such user in this organization.
    """
    if not await work.rows(sa.select(User.id).where(User.id == id)):
        raise NotFound("No User with this id is visible to you.", *path)


def people_unfiltered() -> Any:
    """Return a table `id`, `name`, `role`, `department_id` of the users."""
    return table_of(User, "name", "role", "department_id")


async def managers_unfiltered(work: Work, ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the managers of users, by user; those without one are missing."""
    has_manager = User.id.in_(ids), User.manager_id.is_not(None)
    statement: Any = sa.select(User.id, User.manager_id).where(*has_manager)
    return dict(map(tuple, await work.tuples(statement)))
