"""Statements about organizations, sites and departments for other modules."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from qgp.kit.errors import NotFound
from qgp.kit.facts import table_of
from qgp.kit.loader import one
from qgp.kit.transitions import GuardContext
from qgp.kit.work import Work
from qgp.organizations.model import Department, Organization, OrganizationStatus, Site
from qgp.organizations.policy import READ


def with_active_organization_unfiltered(
    rows: sa.Select[Any], organization_id: Any
) -> sa.Select[Any]:
    """Join the active organization of rows, and select its slug, time zone and version."""
    joined = rows.join(Organization, Organization.id == organization_id)
    columns = (Organization.slug, Organization.time_zone, Organization.version)
    return joined.where(Organization.status == OrganizationStatus.ACTIVE).add_columns(*columns)


async def slug_unfiltered(session: AsyncSession, organization_id: UUID) -> str:
    """Return the slug of the session's organization."""
    slug = sa.select(Organization.slug).where(Organization.id == organization_id)
    return (await session.scalars(slug)).one()


async def sender_unfiltered(session: AsyncSession, organization_id: UUID) -> "Sender":
    """Return the name, the locale and the time zone of the session's organization."""
    columns = (Organization.name, Organization.locale, Organization.time_zone)
    statement = sa.select(*columns).where(Organization.id == organization_id)
    return Sender(*(await session.execute(statement)).one())


@dataclass(frozen=True)
class Sender:
    """An organization as the sender of messages.

    Attributes:
        locale: BCP 47 tag of their language.
        zone: IANA time zone of their instants.
    """

    name: str
    locale: str
    zone: str


_by_id = one(Organization, READ)


async def organization_of_caller(context: GuardContext) -> Organization:
    """Return the caller's organization with its settings."""
    organization: Organization = await context.load(_by_id, context.caller.organization_id)
    return organization


async def require_site_unfiltered(work: Work, id: UUID, *path: str) -> None:
    """Check that a site exists; `path` locates the input.

    Raises:
        NotFound: no such site in this organization.
    """
    if not await work.rows(sa.select(Site.id).where(Site.id == id)):
        raise NotFound("No Site with this id is visible to you.", *path)


def departments_unfiltered() -> Any:
    """Return a table `id`, `parent_id`, `name` of the departments."""
    return table_of(Department, "parent_id", "name")


def sites_unfiltered() -> Any:
    """Return a table `id`, `parent_id`, `name`, `sort_key` of the sites; they sort by code."""
    return table_of(Site, "parent_id", "name", sort_by="code")
