"""Creation of an organization with the records that every organization starts with."""

from qgp.findings.commands import default_cause_categories
from qgp.kit.work import Work
from qgp.organizations import service
from qgp.organizations.model import Organization


async def create(work: Work, *, slug: str, name: str, time_zone: str = "UTC") -> Organization:
    """Add the organization for which the unit of work was opened, with its default records.

    Raises:
        Invalid: the slug has another shape, or the time zone is not an IANA zone.
        AlreadyExists: another organization has the slug.
    """
    organization = await service.create(work, slug=slug, name=name, time_zone=time_zone)
    await default_cause_categories.create(work)
    return organization
