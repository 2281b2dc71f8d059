"""Queries of sites and departments; the organization is a field of `viewer`."""

import strawberry

from qgp.kit.gql import Connection, listing, lookup
from qgp.organizations import loaders
from qgp.organizations.loaders import (
    department_by_code,
    department_by_id,
    site_by_code,
    site_by_id,
)
from qgp.organizations.types import Department, Site


@strawberry.type
class Query:
    """Root queries."""

    site: Site | None = lookup("One site.", id=site_by_id, code=site_by_code)
    sites: Connection[Site] | None = listing(loaders.sites, "Sites by code.")
    department: Department | None = lookup(
        "One department.", id=department_by_id, code=department_by_code
    )
    departments: Connection[Department] | None = listing(
        loaders.departments, "Departments by code."
    )
