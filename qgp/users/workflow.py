"""States and transitions of a user, from invitation to suspension."""

from typing import Any

from qgp.kit.transitions import GuardContext, Input, Transition
from qgp.kit.workflow import Workflow
from qgp.users import guards, service
from qgp.users.model import User, UserStatus
from qgp.users.policy import MANAGE, READ


def _next_access(_: GuardContext, user: Any) -> int:
    """Invalidate the tokens issued before."""
    return int(user.access_version) + 1


_ACCESS = {"access_version": _next_access}
_SUCCESSOR = Input(
    service.SUCCESSOR,
    service.SUCCESSOR_DESCRIPTION,
    id_of=User.prefix,
    required=False,
    unblocks=guards.OPEN_WORK,
)

USER = Workflow(
    User,
    READ,
    {UserStatus.INVITED, UserStatus.ACTIVE},
    Transition(
        "invitationAccept",
        {UserStatus.INVITED},
        UserStatus.ACTIVE,
        "Accepts an invitation.",
        READ,
        guards=(guards.in_person,),
        has_mutation=False,
    ),
    Transition(
        "userInvitationWithdraw",
        {UserStatus.INVITED},
        UserStatus.WITHDRAWN,
        "Withdraws an invitation that is not accepted yet; its token is not valid any more. Open "
        "work of the user is handed over.",
        MANAGE,
        guards=(guards.among_owners, guards.no_open_work),
        inputs=(_SUCCESSOR,),
        sets=_ACCESS,
        service=service.withdraw,
    ),
    Transition(
        "userInvitationRenew",
        {UserStatus.INVITED, UserStatus.WITHDRAWN},
        UserStatus.INVITED,
        "Renews an invitation that is not accepted yet, and sends it where the server sends mail; "
        "previous tokens are not valid any more.",
        MANAGE,
        guards=(guards.among_owners,),
        sets=_ACCESS,
        service=service.renew_invitation,
    ),
    Transition(
        "userSuspend",
        {UserStatus.ACTIVE},
        UserStatus.SUSPENDED,
        "Suspends a user, whose access ends with their next request. Requires another active "
        "OWNER without limits of validity, and hands over the user's open work.",
        MANAGE,
        guards=(guards.among_owners, guards.another_owner, guards.no_open_work),
        inputs=(_SUCCESSOR,),
        sets=_ACCESS,
        service=service.suspend,
    ),
    Transition(
        "userReinstate",
        {UserStatus.SUSPENDED},
        UserStatus.ACTIVE,
        "Reinstates a suspended user.",
        MANAGE,
        guards=(guards.among_owners,),
        sets=_ACCESS,
    ),
    load=service.for_change,
)
