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
# Language, then script, region and variants; without extensions (RFC 5646, 2.1).
LOCALE = (
    r"[A-Za-z]{2,3}(-[A-Za-z]{4})?(-([A-Za-z]{2}|[0-9]{3}))?(-([A-Za-z0-9]{5,8}|[0-9][A-Za-z0-9]{3}))*",
    "a language tag (BCP 47), for example en or de-AT",
)
CURRENCY = (r"[A-Z]{3}", "three capital letters, for example EUR")


@record(model.Organization)
class Organization(Authored, Recorded, Node):
    """The organization that you are signed in to."""

    name: str = column("Name.", UPDATE)
    slug: str = column("Short name for signing in: 3 to 40 lower-case letters, digits and hyphens.")
    time_zone: str = column("IANA time zone of its calendar days, e.g. Europe/Berlin.", UPDATE)
    locale: str = column(
        "BCP 47 language tag, e.g. en or de-AT: language of mail and calendars, which is English "
        "where the server has no texts in this one.",
        UPDATE,
        max_length=35,
        pattern=LOCALE,
    )
    currency: str = column("Currency, an ISO 4217 code.", UPDATE, pattern=CURRENCY)
    status: OrganizationStatus = column("Status.")
    major_response_days: int = column(
        "Days from the opening of a MAJOR nonconformity to `responseDueOn`, 1 to 730; initially "
        "30. A change holds for findings opened or regraded from then on.",
        UPDATE,
    )
    major_closure_days: int = column(
        "Days from the opening of a MAJOR nonconformity to `closureDueOn`, 1 to 730; initially "
        "180, since its CAPA has to be found effective before.",
        UPDATE,
    )
    minor_response_days: int = column(
        "Days from the opening of a MINOR nonconformity to `responseDueOn`, 1 to 730; initially "
        "60.",
        UPDATE,
    )
    minor_closure_days: int = column(
        "Days from the opening of a MINOR nonconformity to `closureDueOn`, 1 to 730; initially "
        "180.",
        UPDATE,
    )
    is_major_closable_in_effectiveness: bool = column(
        "Whether a MAJOR nonconformity may be closed while its CAPAs are in EFFECTIVENESS; if "
        "not, each must be CLOSED as EFFECTIVE or PARTIAL.",
        UPDATE,
    )
    concession_months: int = column(
        "Longest term of a concession in months from the day on which the first one of the "
        "finding is granted, 1 to 60; initially 12. A longer one requires a signed request "
        "(`findingRequestConcession`).",
        UPDATE,
    )
    shortest_window_days_low: int = column(
        "Shortest effectiveness window of a CAPA of priority LOW in days, which no waiver "
        "shortens, 1 to 730; initially 30.",
        UPDATE,
    )
    shortest_window_days_medium: int = column(
        "Shortest effectiveness window of a CAPA of priority MEDIUM in days, which no waiver "
        "shortens, 1 to 730; initially 30.",
        UPDATE,
    )
    shortest_window_days_high: int = column(
        "Shortest effectiveness window of a CAPA of priority HIGH in days, which no waiver "
        "shortens, 1 to 730; initially 60.",
        UPDATE,
    )
    shortest_window_days_critical: int = column(
        "Shortest effectiveness window of a CAPA of priority CRITICAL in days, which no waiver "
        "shortens, 1 to 730; initially 90.",
        UPDATE,
    )
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
