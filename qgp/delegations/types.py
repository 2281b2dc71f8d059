"""GraphQL type of delegations."""

from datetime import date

from qgp.delegations import model, policy
from qgp.kit.gql import (
    EDITABLE,
    FILTER,
    LISTED,
    PROSE,
    Node,
    Recorded,
    belongs_to,
    column,
    record,
    viewer_can_on,
)
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef
from qgp.users.types import Authored


@record(model.Delegation, named=("delegator.name", "startsOn"))
class Delegation(Authored, Recorded, Node):
    """Delegation: for some days, a user represents another one who is absent.

    In these days, the delegate has the work of the absent user in `myWork`, as far as the
    delegate's own rights suffice to do it, and is notified beside the absent user. No right is
    granted, and no record is assigned anew.
    """

    delegator: UserRef | None = belongs_to(user_by_id, "User who is absent.", FILTER)
    delegate: UserRef | None = belongs_to(
        user_by_id, "User who represents the absent one.", EDITABLE | FILTER
    )
    starts_on: date = column("First day, in the time zone of the organization.", EDITABLE | LISTED)
    ends_on: date = column("Last day; not before `startsOn`, nor before today.", EDITABLE | LISTED)
    reason: str | None = column(
        "Reason of the absence; visible to everyone in the organization.",
        EDITABLE,
        max_length=PROSE,
    )
    viewer_can_update: bool = viewer_can_on(
        policy.MANAGE,
        policy.is_manageable,
        "change or delete the delegation: you are the absent user, an OWNER or ADMIN",
    )
