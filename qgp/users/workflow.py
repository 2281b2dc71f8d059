"""The steps of a user, from the invitation to the end of the membership."""

from typing import Any

from qgp.kit.transitions import GuardContext, Transition
from qgp.kit.workflow import Workflow
from qgp.users import guards, service
from qgp.users.model import User, UserStatus
from qgp.users.policy import MANAGE, READ


def _next_access(_: GuardContext, user: Any) -> int:
    """End the tokens that were granted before."""
    return int(user.access_version) + 1


_ACCESS = {"access_version": _next_access}

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
        "Withdraws an invitation that was not accepted.",
        MANAGE,
        guards=(guards.among_owners,),
        sets=_ACCESS,
    ),
    Transition(
        "userInvitationRenew",
        {UserStatus.INVITED, UserStatus.WITHDRAWN},
        UserStatus.INVITED,
        "Renews an invitation that was not accepted; former tokens end.",
        MANAGE,
        guards=(guards.among_owners,),
        sets=_ACCESS,
    ),
    Transition(
        "userSuspend",
        {UserStatus.ACTIVE},
        UserStatus.SUSPENDED,
        "Ends a user's access, from their next request on.",
        MANAGE,
        guards=(guards.among_owners, guards.another_owner),
        sets=_ACCESS,
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
