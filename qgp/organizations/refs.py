"""Names of this module's GraphQL types, safe to import from anywhere."""

from typing import TYPE_CHECKING, Annotated

import strawberry

if TYPE_CHECKING:
    from qgp.organizations.types import Department, Organization, Site

OrganizationRef = Annotated["Organization", strawberry.lazy("qgp.organizations.types")]
SiteRef = Annotated["Site", strawberry.lazy("qgp.organizations.types")]
DepartmentRef = Annotated["Department", strawberry.lazy("qgp.organizations.types")]
