"""Organizations, sites and departments as clients see them."""

from qgp.kit.gql import (
    EDITABLE,
    FILTER,
    LISTED,
    UPDATE,
    Node,
    Recorded,
    belongs_to,
    column,
    record,
    viewer_can,
)
from qgp.organizations import model, policy
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.model import OrganizationStatus
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.users.types import Authored

COUNTRY = (r"[A-Z]{2}", "two capital letters, for example DE")
CURRENCY = (r"[A-Z]{3}", "three capital letters, for example EUR")


@record(model.Organization)
class Organization(Authored, Recorded, Node):
    """The organization that you are signed in to."""

    name: str = column("Its name.", UPDATE)
    slug: str = column("Its short name in addresses and at sign-in: a-z, 0-9 and dashes.")
    time_zone: str = column(
        "IANA zone in which its calendar days begin, e.g. Europe/Berlin.", UPDATE
    )
    locale: str = column("BCP 47 language tag, e.g. en or de-AT.", UPDATE, max_length=35)
    currency: str = column("ISO 4217 code of its currency.", UPDATE, pattern=CURRENCY)
    status: OrganizationStatus = column("Whether people can work in it.")
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the organization")


@record(model.Site)
class Site(Authored, Recorded, Node):
    """A place where the organization works."""

    code: str = column("Short unique code.", EDITABLE | LISTED, max_length=40)
    name: str = column("Its name.", EDITABLE | LISTED)
    country: str | None = column(
        "ISO 3166-1 alpha-2 code of its country.", EDITABLE | FILTER, pattern=COUNTRY
    )
    parent: SiteRef | None = belongs_to(site_by_id, "The site it is part of.", EDITABLE | FILTER)
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the site")


@record(model.Department)
class Department(Authored, Recorded, Node):
    """A unit of people in the organization."""

    code: str = column("Short unique code.", EDITABLE | LISTED, max_length=40)
    name: str = column("Its name.", EDITABLE | LISTED)
    parent: DepartmentRef | None = belongs_to(
        department_by_id, "The department it is part of.", EDITABLE | FILTER
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the department")
