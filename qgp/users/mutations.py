"""Inviting and changing users."""

from datetime import date
from typing import Annotated

import strawberry

from qgp.accounts.types import SignedIn, tokens_of
from qgp.kit.errors import DomainError
from qgp.kit.gql import (
    Info,
    Offer,
    Public,
    command,
    given,
    key_field,
    mutations_of,
    told,
    update,
    version_field,
)
from qgp.kit.gql.inputs import parameters
from qgp.kit.policy import Role
from qgp.users import invitations, policy, service, workflow
from qgp.users.loaders import user_by_id
from qgp.users.types import User


@strawberry.input(description="A person to invite into your organization.")
class UserInviteInput:
    """A person to invite."""

    email: str = given(
        "The address they will sign in with.",
        most=254,
        shape=(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    )
    name: str = given("Their name, 1 to 200 characters.")
    role: Role = given("What they will be; only an owner may invite owners.")
    site_id: strawberry.ID | None = given(
        "Site they work at; limits what a PROCESS_OWNER or EXTERNAL_AUDITOR sees.",
        id_of="sit",
        default=None,
    )
    department_id: strawberry.ID | None = given(
        "Department they work in; limits what a PROCESS_OWNER or EXTERNAL_AUDITOR sees.",
        id_of="dep",
        default=None,
    )
    valid_from: date | None = given("First day they may sign in.", default=None)
    valid_until: date | None = given("Last day they may sign in.", default=None)
    idempotency_key: str | None = key_field()


@strawberry.input(description="Another role for a user.")
class UserChangeRoleInput:
    """Another role for a user."""

    id: strawberry.ID = given("The user.", id_of="usr")
    expected_version: int = version_field()
    role: Role = given("What they will be; only an owner may make or unmake owners.")


@strawberry.input(description="An invitation to accept, and the password to sign in with.")
class InvitationAcceptInput:
    """An invitation to accept."""

    token: str = strawberry.field(description="The `invitationToken`; it works once.")
    password: str = strawberry.field(
        description="The one you have, if you sign in elsewhere already; else a new one, 12 to "
        "128 characters and not one of the common passwords."
    )


@strawberry.type(
    description="What `invitationAccept` returns. Tokens and viewer are null also where the "
    "person's days of validity have not begun."
)
class InvitationAcceptPayload(SignedIn):
    """What `invitationAccept` returns."""

    email: str | None = strawberry.field(
        description="The address to sign in with; null when refused."
    )
    organization: str | None = strawberry.field(
        description="Slug of the organization you work in now; null when refused."
    )


async def _invitation_accept(
    info: Info,
    input: Annotated[InvitationAcceptInput, parameters("invitationAccept")],
) -> InvitationAcceptPayload:
    try:
        accepted = await invitations.accept(
            info.context, token=input.token, password=input.password
        )
    except DomainError as error:
        return InvitationAcceptPayload(
            email=None, organization=None, **tokens_of(None), errors=[told(error)]
        )
    return InvitationAcceptPayload(
        email=accepted.email,
        organization=accepted.organization,
        **tokens_of(accepted.granted),
        errors=[],
    )


_TOKEN = {
    "invitation_token": Offer(
        invitations.offer,
        "Pass it on to the person, who sends it with `invitationAccept` within 7 days; null "
        "once they have accepted.",
    )
}
user_invite = command(
    service.invite,
    takes=UserInviteInput,
    may=policy.MANAGE,
    returns=user_by_id,
    description="Invite a person; they become active once they accept.",
    creates=True,
    offers=_TOKEN,
)
user_transitions = mutations_of(workflow.USER, user_by_id, offers={"userInvitationRenew": _TOKEN})
invitation_accept = strawberry.mutation(
    _invitation_accept,
    graphql_type=InvitationAcceptPayload | None,
    description="Accepts an invitation and signs the person in. Sent again with the same "
    "password within the grace (10 seconds unless the operator changed it), it signs in again.",
    extensions=[Public()],
)
user_update = update(
    User,
    policy.MANAGE,
    service.update,
    returns=user_by_id,
    description="Change a user's name, place or validity; of your own, the name alone.",
)
user_change_role = command(
    service.change_role,
    takes=UserChangeRoleInput,
    may=policy.MANAGE,
    returns=user_by_id,
    description="Give another user another role, from their next request on.",
)
