"""GraphQL types of users."""

from datetime import date

from qgp.kit.gql import (
    FILTER,
    LISTED,
    UPDATE,
    AvailableTransition,
    Node,
    Recorded,
    belongs_to,
    column,
    interface_type,
    record,
    transitions,
    viewer_can,
)
from qgp.kit.policy import Role
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.users import model, policy, workflow
from qgp.users.loaders import user_by_id
from qgp.users.model import UserStatus
from qgp.users.refs import UserRef


@interface_type
class Authored(Recorded):
    """A record with the users who created it and changed it last."""

    created_by: UserRef | None = belongs_to(
        user_by_id, "User who created it; null if it was none of your users.", FILTER
    )
    updated_by: UserRef | None = belongs_to(
        user_by_id, "User who changed it last; null if it was none of your users.", FILTER
    )


@record(model.User)
class User(Authored, Recorded, Node):
    """A user: the membership of a person in your organization."""

    name: str = column("Name.", UPDATE | LISTED)
    address: str = column(
        "E-mail address to sign in with: its local part as typed, its domain in lower-case "
        "A-labels (IDNA 2008).",
        LISTED,
        name="email",
        filter_by="email",
        sort_by="email",
    )
    role: Role = column("Role in the organization.", LISTED)
    status: UserStatus = column("Status of the user's access.", FILTER)
    site: SiteRef | None = belongs_to(
        site_by_id,
        "Site of the user. To a PROCESS_OWNER or EXTERNAL_AUDITOR, findings, CAPAs, audits "
        "and actions are visible that belong to it, to sites below or to no site, or that are "
        "assigned to them; null for no limit.",
        UPDATE | FILTER,
    )
    department: DepartmentRef | None = belongs_to(
        department_by_id,
        "Department of the user; limits the visible records in the same way as the site, in "
        "addition to it.",
        UPDATE | FILTER,
    )
    valid_from: date | None = column(
        "First day on which the user may sign in; null for no limit.", UPDATE
    )
    valid_until: date | None = column(
        "Last day on which the user may sign in; null for no limit.", UPDATE | FILTER
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.USER)
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the user")
