"""A map of sites and departments, and people whose role holds for a part of it."""

from dataclasses import dataclass
from typing import Any

from qgp.kit.policy import Role
from qgp.organizations.model import Department, Site
from tests.company import Company, Person
from tests.kit.work import work_of

PLACES = ("here", "below", "there", "nowhere")


@dataclass
class Map:
    """Two sites and two departments, one of each with a part."""

    company: Company
    sites: dict[str, Any]
    departments: dict[str, Any]

    def facts(self, place: str, *names: str) -> dict[str, Any]:
        """Return where a record of that place is."""
        columns = {"site_id": self.sites, "department_id": self.departments}
        return {name: columns[name].get(place) for name in names or columns}

    async def hire(self, role: Role, *names: str) -> Person:
        """Hire somebody whose role holds here."""
        return await self.company.hire(role, **(self.facts("here", *names) if names else {}))


async def charted(company: Company) -> Map:
    """Give a company its map."""
    rows: list[dict[str, Any]] = []
    for kind in (Site, Department):
        async with work_of(company) as work:
            inside, outside = [await work.add(kind(code=c, name=c)) for c in ("HERE", "THERE")]
            part = await work.add(kind(code="PART", name="Part", parent_id=inside.id))
        rows.append({"here": inside.id, "below": part.id, "there": outside.id})
    return Map(company, *rows)
