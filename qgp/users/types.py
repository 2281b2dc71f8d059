"""Users as clients see them."""

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
    """A record, with who created it and who changed it last."""

    created_by: UserRef | None = belongs_to(
        user_by_id, "Who created it; null if it was none of your users.", FILTER
    )
    updated_by: UserRef | None = belongs_to(
        user_by_id, "Who changed it last; null if it was none of your users.", FILTER
    )


@record(model.User)
class User(Authored, Recorded, Node):
    """A person in your organization."""

    name: str = column("Their name, as people write it.", UPDATE | LISTED)
    address: str = column(
        "The e-mail address they sign in with: its local part as typed, its domain in lower-case "
        "A-labels (IDNA 2008).",
        LISTED,
        name="email",
        filter_by="email",
        sort_by="email",
    )
    role: Role = column("What they are in the organization.", LISTED)
    status: UserStatus = column("Whether they may sign in.", FILTER)
    site: SiteRef | None = belongs_to(
        site_by_id,
        "The site they work at. As PROCESS_OWNER or EXTERNAL_AUDITOR they see the findings, CAPAs, "
        "audits and actions of it, of sites below and of no site; and what concerns them.",
        UPDATE | FILTER,
    )
    department: DepartmentRef | None = belongs_to(
        department_by_id,
        "The department they work in; it limits what they see as the site does, beside it.",
        UPDATE | FILTER,
    )
    valid_from: date | None = column("First day they may sign in; null for no bound.", UPDATE)
    valid_until: date | None = column(
        "Last day they may sign in; null for no bound.", UPDATE | FILTER
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.USER)
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the user")
