"""Mutations of delegations."""

import strawberry

from qgp.delegations import policy, service
from qgp.delegations.loaders import delegation_by_id
from qgp.delegations.types import Delegation
from qgp.kit.gql import command, create, input_field, update


class DelegationCreateFields:
    """Input fields of a new delegation beside those of its type."""

    delegator_id: strawberry.ID | None = input_field(
        "User who is absent; you, if left out. Only an OWNER or ADMIN delegates the work of "
        "others.",
        id_of="usr",
        default=None,
    )


delegation_create = create(
    Delegation,
    policy.MANAGE,
    service.create,
    description="Delegates the work of a user who is absent for some days. A user has one delegate "
    "on each day.",
    more=DelegationCreateFields,
)
delegation_update = update(
    Delegation,
    policy.MANAGE,
    service.update,
    description="Changes delegate, days or reason of a delegation. Requires you to be the absent "
    "user, an OWNER or ADMIN.",
)
delegation_delete = command(
    service.delete,
    permission=policy.MANAGE,
    result=delegation_by_id,
    description="Deletes a delegation, which ends at once. Requires you to be the absent user, an "
    "OWNER or ADMIN.",
    deletes=True,
)
