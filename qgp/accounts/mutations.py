"""Signing in and out, invitations. A payload's `viewer` is who the operation goes on as."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry import UNSET

from qgp.accounts import policy
from qgp.accounts.commands import accounts, invitations
from qgp.accounts.types import SignedIn, signed_in, tokens_of
from qgp.kit.errors import DomainError
from qgp.kit.gql import (
    Info,
    Public,
    Requires,
    UserError,
    command,
    errors_field,
    input_field,
    input_type,
    key_field,
    object_type,
    to_user_error,
)
from qgp.kit.gql.inputs import parameters
from qgp.kit.policy import Role
from qgp.users.loaders import user_by_id

# One of them per document: each checks a secret.
SENSITIVE = frozenset({"login", "tokenRefresh", "passwordChange", "invitationAccept"})


@input_type
class LoginInput:
    """Who signs in, and where."""

    email: str = strawberry.field(description="The person's e-mail address, in any spelling.")
    password: str = strawberry.field(description="Their password.")
    organization: str | None = strawberry.field(
        default=UNSET, description="The organization's slug; needed by who works in several."
    )


@input_type
class TokenRefreshInput:
    """A refresh token to trade in."""

    refresh_token: str = strawberry.field(description="The latest one; it works once.")


@input_type
class PasswordChangeInput:
    """Another password for yourself."""

    current_password: str = strawberry.field(description="The password you signed in with.")
    new_password: str = strawberry.field(
        description="12 to 128 characters, not one of the common passwords."
    )


@object_type
class LoginPayload(SignedIn):
    """What `login` returns."""


@object_type
class TokenRefreshPayload(SignedIn):
    """What `tokenRefresh` returns."""


@object_type
class LogoutPayload:
    """What `logout` returns."""

    errors: list[UserError] = errors_field("Always empty.")


@object_type
class PasswordChangePayload(SignedIn):
    """What `passwordChange` returns: tokens of the sign-in it opens."""


@input_type
class UserInviteInput:
    """A person to invite into your organization."""

    email: str = input_field(
        "The address they will sign in with.",
        most=254,
        shape=(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    )
    name: str = input_field("Their name, 1 to 200 characters.")
    role: Role = input_field("What they will be; only an owner may invite owners.")
    site_id: strawberry.ID | None = input_field(
        "Site they work at; limits what a PROCESS_OWNER or EXTERNAL_AUDITOR sees.",
        id_of="sit",
        default=None,
    )
    department_id: strawberry.ID | None = input_field(
        "Department they work in; limits what a PROCESS_OWNER or EXTERNAL_AUDITOR sees.",
        id_of="dep",
        default=None,
    )
    valid_from: date | None = input_field("First day they may sign in.", default=None)
    valid_until: date | None = input_field("Last day they may sign in.", default=None)
    idempotency_key: str | None = key_field()


@input_type
class InvitationAcceptInput:
    """An invitation to accept, and the password to sign in with."""

    token: str = strawberry.field(description="The `invitationToken`; it works once.")
    password: str = strawberry.field(
        description="The one you have, if you sign in elsewhere already; else a new one, 12 to "
        "128 characters and not one of the common passwords."
    )


@object_type
class InvitationAcceptPayload(SignedIn):
    """What `invitationAccept` returns.

    Tokens and viewer are null also where the person's days of validity have not begun.
    """

    email: str | None = strawberry.field(
        description="The address to sign in with; null when refused."
    )
    organization: str | None = strawberry.field(
        description="Slug of the organization you work in now; null when refused."
    )


async def _login(info: Info, input: Annotated[LoginInput, parameters("login")]) -> LoginPayload:
    granting = accounts.log_in(
        info.context,
        email=input.email,
        password=input.password,
        organization=None if input.organization is UNSET else input.organization,
    )
    return await signed_in(LoginPayload, granting)


async def _token_refresh(
    info: Info, input: Annotated[TokenRefreshInput, parameters("tokenRefresh")]
) -> TokenRefreshPayload:
    granting = accounts.refresh(info.context, refresh_token=input.refresh_token)
    return await signed_in(TokenRefreshPayload, granting)


async def _logout(info: Info) -> LogoutPayload:
    await accounts.log_out(info.context)
    return LogoutPayload(errors=[])


async def _password_change(
    info: Info, input: Annotated[PasswordChangeInput, parameters("passwordChange")]
) -> PasswordChangePayload:
    granting = accounts.change_password(
        info.context, current_password=input.current_password, new_password=input.new_password
    )
    return await signed_in(PasswordChangePayload, granting)


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
            email=None, organization=None, **tokens_of(None), errors=[to_user_error(error)]
        )
    return InvitationAcceptPayload(
        email=accepted.email,
        organization=accepted.organization,
        **tokens_of(accepted.granted),
        errors=[],
    )


login = strawberry.mutation(
    _login,
    graphql_type=LoginPayload | None,
    description="Sign in with a password; the rest of the document runs as that person. Send it "
    "without the Authorization header: an old token there is answered with 401.",
    extensions=[Public()],
)
token_refresh = strawberry.mutation(
    _token_refresh,
    graphql_type=TokenRefreshPayload | None,
    description="Trades a refresh token for new tokens. Sent again within the grace "
    "(10 seconds unless the operator changed it), it brings the same refresh token and another "
    "access token; one that comes later ends the sign-in. Send it without the Authorization "
    "header: an old token there is answered with 401.",
    extensions=[Public()],
)
logout = strawberry.mutation(
    _logout,
    graphql_type=LogoutPayload | None,
    description="End this sign-in: its tokens are refused from the next request on.",
    extensions=[Requires(policy.OWN)],
)
password_change = strawberry.mutation(
    _password_change,
    graphql_type=PasswordChangePayload | None,
    description="Changes your password and ends every sign-in of yours, everywhere, this one "
    "included; the payload holds the tokens of a new one.",
    extensions=[Requires(policy.OWN)],
)
user_invite = command(
    invitations.invite,
    input=UserInviteInput,
    permission="user:manage",
    result=user_by_id,
    description="Invite a person; they become active once they accept.",
    creates=True,
)
invitation_accept = strawberry.mutation(
    _invitation_accept,
    graphql_type=InvitationAcceptPayload | None,
    description="Accepts an invitation and signs the person in. Sent again with the same "
    "password within the grace (10 seconds unless the operator changed it), it signs in again.",
    extensions=[Public()],
)
