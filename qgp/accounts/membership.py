"""What an account is in an organization, and whether that holds today."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit import clock
from qgp.kit.email_addresses import search_key
from qgp.kit.policy import Principal, Role
from qgp.kit.work import NOBODY
from qgp.organizations.model import Organization, OrganizationStatus
from qgp.users.model import User, UserStatus


@dataclass(frozen=True)
class Member:
    """An active user of an active organization, as the database knows them now."""

    user_id: UUID
    account_id: UUID
    organization_id: UUID
    role: Role
    site_id: UUID | None
    department_id: UUID | None
    access_version: int
    valid_from: date | None
    valid_until: date | None
    slug: str
    zone: str
    version: int
    organization_version: int

    @property
    def stamp(self) -> str:
        """A text that becomes another one with every change of the user or the organization."""
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
        """Return the principal of a log-in."""
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


_TOLD: tuple[Any, ...] = (
    User.id,
    User.account_id,
    User.organization_id,
    User.role,
    User.site_id,
    User.department_id,
    User.access_version,
    User.valid_from,
    User.valid_until,
    Organization.slug,
    Organization.time_zone,
    User.version,
    Organization.version,
)


def members(*conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Select what `Member` holds, in its order, of active users in active organizations."""
    is_active = (
        User.status == UserStatus.ACTIVE,
        Organization.status == OrganizationStatus.ACTIVE,
    )
    at_home = Organization.id == User.organization_id
    return sa.select(*_TOLD).join(Organization, at_home).where(*is_active, *conditions)


async def member_of(session: AsyncSession, organization_id: UUID, user_id: UUID) -> Member | None:
    """Return a user who may sign in now, or None."""
    user = User.organization_id == organization_id, User.id == user_id
    row = (await session.execute(members(*user))).first()
    member = None if row is None else Member(*row)
    return member if member is not None and member.is_in_force else None


async def acting(session: AsyncSession, email: str) -> Principal | None:
    """Return who works under an address in the session's organization, if they may sign in now."""
    found = (await session.execute(members(User.email == search_key(email)))).first()
    member = None if found is None else Member(*found)
    return member.signed_in(NOBODY) if member is not None and member.is_in_force else None
