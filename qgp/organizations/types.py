"""GraphQL types of organizations, sites and departments."""

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

    name: str = column("Name.", UPDATE)
    slug: str = column("Short name for signing in: 3 to 40 lower-case letters, digits and hyphens.")
    time_zone: str = column("IANA time zone of its calendar days, e.g. Europe/Berlin.", UPDATE)
    locale: str = column("BCP 47 language tag, e.g. en or de-AT.", UPDATE, max_length=35)
    currency: str = column("Currency, an ISO 4217 code.", UPDATE, pattern=CURRENCY)
    status: OrganizationStatus = column("Status.")
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the organization")


@record(model.Site)
class Site(Authored, Recorded, Node):
    """A site of the organization."""

    code: str = column("Short code, unique in the organization.", EDITABLE | LISTED, max_length=40)
    name: str = column("Name.", EDITABLE | LISTED)
    country: str | None = column(
        "Country, an ISO 3166-1 alpha-2 code.", EDITABLE | FILTER, pattern=COUNTRY
    )
    parent: SiteRef | None = belongs_to(
        site_by_id, "Parent site; null at the top.", EDITABLE | FILTER
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the site")


@record(model.Department)
class Department(Authored, Recorded, Node):
    """A department of the organization."""

    code: str = column("Short code, unique in the organization.", EDITABLE | LISTED, max_length=40)
    name: str = column("Name.", EDITABLE | LISTED)
    parent: DepartmentRef | None = belongs_to(
        department_by_id, "Parent department; null at the top.", EDITABLE | FILTER
    )
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the department")
