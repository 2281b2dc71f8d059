"""Organizations, sites and departments as clients see them."""

from qgp.kit.gql import (
    IDFilter,
    Node,
    Recorded,
    StringFilter,
    belongs_to,
    column,
    described,
    filters,
    ordering,
    record,
    viewer_can,
    where,
)
from qgp.organizations import model, policy
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.model import OrganizationStatus
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.users.authorship import Authored

described(OrganizationStatus, "Whether people can work in an organization.")


@record(model.Organization, "The organization that you are signed in to.")
class Organization(Authored, Recorded, Node):
    """The organization that the caller is signed in to."""

    name: str = column("Its name.")
    slug: str = column("Its short name in addresses and at sign-in: a-z, 0-9 and dashes.")
    time_zone: str = column("IANA zone in which its calendar days begin, e.g. Europe/Berlin.")
    locale: str = column("BCP 47 language tag, e.g. en or de-AT.")
    currency: str = column("ISO 4217 code of its currency.")
    status: OrganizationStatus = column("Whether people can work in it.")
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the organization")


@record(model.Site, "A place where the organization works.")
class Site(Authored, Recorded, Node):
    """A place where the organization works."""

    code: str = column("Short unique code.")
    name: str = column("Its name.")
    country: str | None = column("ISO 3166-1 alpha-2 code of its country.")
    parent: SiteRef | None = belongs_to(site_by_id, "parent_id", "The site it is part of.")
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the site")


@record(model.Department, "A unit of people in the organization.")
class Department(Authored, Recorded, Node):
    """A unit of people in the organization."""

    code: str = column("Short unique code.")
    name: str = column("Its name.")
    parent: DepartmentRef | None = belongs_to(
        department_by_id, "parent_id", "The department it is part of."
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the department")


@filters(model.Site)
class SiteFilter:
    """Conditions on a site."""

    id: IDFilter | None = where("The site itself.")
    code: StringFilter | None = where("Its code.")
    name: StringFilter | None = where("Its name.")
    country: StringFilter | None = where("Its country.")
    parent_id: IDFilter | None = where("The site it is part of.")


@filters(model.Department)
class DepartmentFilter:
    """Conditions on a department."""

    id: IDFilter | None = where("The department itself.")
    code: StringFilter | None = where("Its code.")
    name: StringFilter | None = where("Its name.")
    parent_id: IDFilter | None = where("The department it is part of.")


SiteOrder = ordering("Site", code="code", name="name")
DepartmentOrder = ordering("Department", code="code", name="name")
