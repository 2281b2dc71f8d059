"""Commands on organizations and their places."""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import available_timezones

from qgp.kit.context import Work
from qgp.kit.errors import Invalid
from qgp.organizations.model import Department, Organization, Site

Place = TypeVar("Place", Site, Department)


async def update(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Organization:
    """Change what the organization says of itself.

    Raises:
        Invalid: the time zone is not an IANA zone.
    """
    zone = changes.get("time_zone")
    if "time_zone" in changes and zone not in available_timezones():
        raise Invalid(f"{zone} is not an IANA time zone; try Europe/Berlin.", "timeZone")
    organization = await work.get(Organization, id, expected_version=expected_version)
    return await work.change(organization, changes)


def create(kind: type[Place]) -> Callable[..., Awaitable[Place]]:
    """Make the command that creates a place."""

    async def act(work: Work, **values: Any) -> Place:
        return await work.add(kind(**values))

    return act


def change(kind: type[Place]) -> Callable[..., Awaitable[Place]]:
    """Make the command that changes a place.

    The command raises Invalid where the place would become part of itself.
    """

    async def act(work: Work, *, id: UUID, expected_version: int, **changes: Any) -> Place:
        place = await work.get(kind, id, expected_version=expected_version)
        if changes.get("parent_id") is not None:
            await _keep_a_tree(work, kind, id, changes["parent_id"])
        return await work.change(place, changes)

    return act


async def _keep_a_tree(work: Work, kind: type[Place], id: UUID, parent_id: UUID | None) -> None:
    while parent_id is not None:
        if parent_id == id:
            raise Invalid("A place cannot be part of itself. Choose another parent.", "parentId")
        parent_id = (await work.get(kind, parent_id, path="parentId")).parent_id
