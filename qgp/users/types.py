"""GraphQL types of users."""

from datetime import date
from typing import Any

from qgp.kit.gql import (
    FILTER,
    LISTED,
    UPDATE,
    AvailableTransition,
    Info,
    Node,
    Recorded,
    belongs_to,
    column,
    computed,
    interface_type,
    object_type,
    record,
    transitions,
    viewer_can,
)
from qgp.kit.open_work import OpenWorkCount
from qgp.kit.policy import Role
from qgp.organizations.loaders import department_by_id, site_by_id
from qgp.organizations.refs import DepartmentRef, SiteRef
from qgp.users import model, policy, workflow
from qgp.users.guards import open_work
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


@object_type
class OpenWork:
    """Number of open records of one kind that are assigned to a user."""

    kind: str = column("Type of the records.")
    count: int = column("Number of records, at least 1.")


MOST_KINDS = 20


async def _open_work(root: Any, info: Info) -> list[OpenWorkCount] | None:
    if not info.context.caller.may(policy.MANAGE):
        return None
    counts = await info.context.load(open_work, root.id)
    return [OpenWorkCount(kind, count) for kind, count in counts.items()]


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
    manager: UserRef | None = belongs_to(
        user_by_id,
        "Manager of the user, to whom overdue work of the user is escalated; null for none.",
        UPDATE,
        note="Neither the user nor somebody whose manager, directly or not, is the user.",
    )
    valid_from: date | None = column(
        "First day on which the user may sign in; null for no limit.", UPDATE
    )
    valid_until: date | None = column(
        "Last day on which the user may sign in; null for no limit.", UPDATE | FILTER
    )
    open_work: list[OpenWork] | None = computed(
        _open_work,
        "Open work of the user, by kind of record: what another user has to take over before this "
        "one leaves; null unless you are an administrator.",
        most=MOST_KINDS,
    )
    available_transitions: list[AvailableTransition] = transitions(workflow.USER)
    viewer_can_update: bool = viewer_can(policy.MANAGE, "change the user")
