"""Commands on organizations."""

import re
from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

import sqlalchemy as sa

from qgp.kit.errors import InvalidFormat, written_as
from qgp.kit.session import Database, Scope
from qgp.kit.work import Work
from qgp.organizations.model import Department, Organization, Site

Place = TypeVar("Place", Site, Department)
_NO_ZONES = {"Factory", "localtime", "posixrules"}  # files beside the zones, by their format
_DATABASE_ZONES = sa.table("pg_timezone_names", sa.column("name", sa.Text()))


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Organization:
    """Change an organization.

    Raises:
        Invalid: the time zone is not an IANA zone.
    """
    if "time_zone" in changes:
        await _require_zone(work, changes["time_zone"])
    organization = await work.get(Organization, id, expected_version=expected_version)
    return await work.change(organization, changes)


_SLUG = "[a-z0-9-]{3,40}"


async def create(work: Work, *, slug: str, name: str, time_zone: str = "UTC") -> Organization:
    """Add the organization for which the unit of work was opened.

    Raises:
        Invalid: the slug has another shape, or the time zone is not an IANA zone.
        AlreadyExists: another organization has the slug.
    """
    if not re.fullmatch(_SLUG, slug):
        raise InvalidFormat(
            "The slug is not valid. A slug has 3 to 40 lower-case letters, digits and "
            "hyphens; choose another.",
            "slug",
            constraint=written_as(pattern=_SLUG),
        )
    await _require_zone(work, time_zone)
    id = work.caller.organization_id
    return await work.add(Organization(id=id, slug=slug, name=name, time_zone=time_zone))


async def by_slug(database: Database, slug: str) -> Organization | None:
    """Return the organization with that slug; for the operator only."""
    async with database.read(Scope()) as session:
        await session.execute(sa.select(sa.func.set_config("app.slug", slug, True)))
        return await session.scalar(sa.select(Organization).where(Organization.slug == slug))


async def all_organizations(database: Database) -> Sequence[Organization]:
    """Return all organizations by slug; for the operator only."""
    async with database.read(Scope()) as session:
        await session.execute(sa.select(sa.func.set_config("app.operator", "on", True)))
        return (await session.scalars(sa.select(Organization).order_by(Organization.slug))).all()


@cache
def _zones() -> frozenset[str]:
    """Return every IANA time zone; finding them walks a directory."""
    return frozenset(available_timezones() - _NO_ZONES)


async def _require_zone(work: Work, zone: str | None) -> None:
    """Check that a time zone is an IANA name and known to the database.

    Raises:
        Invalid: it is not.
    """
    is_zone = sa.select(sa.literal(True)).where(_DATABASE_ZONES.c.name == zone)
    if zone not in _zones() or not await work.rows(is_zone):
        message = f"{zone} is not an IANA time zone. Send one such as Europe/Berlin."
        raise InvalidFormat(message, "timeZone", constraint=written_as("iana-time-zone"))
