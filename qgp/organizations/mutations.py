"""Changing the organization, its sites and departments."""

import strawberry

from qgp.kit.gql import command, given, key_field, version_field
from qgp.organizations import policy, service
from qgp.organizations.loaders import department_by_id, organization_by_id, site_by_id
from qgp.organizations.model import Department, Site

COUNTRY = (r"[A-Z]{2}", "two capital letters, for example DE")
CURRENCY = (r"[A-Z]{3}", "three capital letters, for example EUR")


@strawberry.input(description="Changes to your organization; what you leave out stays.")
class OrganizationUpdateInput:
    """Changes to the caller's organization."""

    id: strawberry.ID = given("The organization.", id_of="org")
    expected_version: int = version_field()
    name: strawberry.Maybe[str] = given("Its name, 1 to 200 characters.")
    time_zone: strawberry.Maybe[str] = given("IANA zone, e.g. Europe/Berlin.")
    locale: strawberry.Maybe[str] = given("BCP 47 language tag.", most=35)
    currency: strawberry.Maybe[str] = given("ISO 4217 code.", shape=CURRENCY)


@strawberry.input(description="A new site.")
class SiteCreateInput:
    """A new site."""

    code: str = given("Short unique code, 1 to 40 characters.", most=40)
    name: str = given("Its name, 1 to 200 characters.")
    country: str | None = given("ISO 3166-1 alpha-2 code.", shape=COUNTRY, default=None)
    parent_id: strawberry.ID | None = given("Site it is part of.", id_of="sit", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a site; what you leave out stays, null clears.")
class SiteUpdateInput:
    """Changes to a site."""

    id: strawberry.ID = given("The site.", id_of="sit")
    expected_version: int = version_field()
    code: strawberry.Maybe[str] = given("Short unique code.", most=40)
    name: strawberry.Maybe[str] = given("Its name.")
    country: strawberry.Maybe[str | None] = given("ISO 3166-1 alpha-2 code.", shape=COUNTRY)
    parent_id: strawberry.Maybe[strawberry.ID | None] = given("Its parent site.", id_of="sit")


@strawberry.input(description="A new department.")
class DepartmentCreateInput:
    """A new department."""

    code: str = given("Short unique code, 1 to 40 characters.", most=40)
    name: str = given("Its name, 1 to 200 characters.")
    parent_id: strawberry.ID | None = given("Department it is part of.", id_of="dep", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Changes to a department; what you leave out stays, null clears.")
class DepartmentUpdateInput:
    """Changes to a department."""

    id: strawberry.ID = given("The department.", id_of="dep")
    expected_version: int = version_field()
    code: strawberry.Maybe[str] = given("Short unique code.", most=40)
    name: strawberry.Maybe[str] = given("Its name.")
    parent_id: strawberry.Maybe[strawberry.ID | None] = given("Its parent.", id_of="dep")


organization_update = command(
    service.update,
    takes=OrganizationUpdateInput,
    may=policy.MANAGE,
    returns=organization_by_id,
    description="Change what your organization says of itself.",
)
site_create = command(
    service.create(Site),
    takes=SiteCreateInput,
    may=policy.MANAGE,
    returns=site_by_id,
    description="Add a site.",
    creates=True,
)
site_update = command(
    service.change(Site),
    takes=SiteUpdateInput,
    may=policy.MANAGE,
    returns=site_by_id,
    description="Change a site.",
)
department_create = command(
    service.create(Department),
    takes=DepartmentCreateInput,
    may=policy.MANAGE,
    returns=department_by_id,
    description="Add a department.",
    creates=True,
)
department_update = command(
    service.change(Department),
    takes=DepartmentUpdateInput,
    may=policy.MANAGE,
    returns=department_by_id,
    description="Change a department.",
)
