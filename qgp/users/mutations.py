"""Mutations of users."""

import strawberry

from qgp.kit.gql import (
    Input,
    Offer,
    command,
    command_input,
    input_field,
    mutations_of,
    update,
)
from qgp.kit.policy import Role
from qgp.users import policy, service, workflow
from qgp.users.loaders import user_by_id
from qgp.users.types import MOST_KINDS, OpenWork, User


class UserUpdateFields:
    """Input fields of a changed user beside those of the type."""

    reassign_open_work_to_id: strawberry.ID | None = input_field(
        service.SUCCESSOR_DESCRIPTION, id_of="usr", default=None
    )


_REASSIGNED = {
    "open_work": Offer(
        "Open work that was handed over, by kind of record; empty where there was none, null on "
        "refusal and where an idempotency key is repeated.",
        kind=list[OpenWork],
        most=MOST_KINDS,
    )
}
_TOKEN = Offer(service.INVITATION_DESCRIPTION, service.invitation_token)

user_update = update(
    User,
    policy.MANAGE,
    service.update,
    description="Changes name, site, department, manager or validity of a user; of your own user "
    "only the name. A `validUntil` before today requires the user's open work to be handed over.",
    more=UserUpdateFields,
    offers=_REASSIGNED,
)
user_change_role = command(
    service.change_role,
    input=command_input(
        Input("role", "New role; only an OWNER gives or takes the role OWNER.", Role),
        Input(service.SUCCESSOR, service.SUCCESSOR_DESCRIPTION, id_of="usr", required=False),
    ),
    permission=policy.MANAGE,
    result=user_by_id,
    description="Changes the role of another user, from their next request on. An "
    "organization keeps an active OWNER without limits of validity. The roles EXTERNAL_AUDITOR "
    "and SUPPLIER_CONTACT require the user's open work to be handed over.",
    offers=_REASSIGNED,
)
user_transitions = mutations_of(
    workflow.USER,
    offers={
        "userSuspend": _REASSIGNED,
        "userInvitationWithdraw": _REASSIGNED,
        "userInvitationRenew": {"invitation_token": _TOKEN},
    },
)
