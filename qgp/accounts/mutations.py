"""Mutations of signing in and out, passwords and invitations."""

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
    """Parameters for `login`."""

    email: str = strawberry.field(description="E-mail address, in any spelling.")
    password: str = strawberry.field(description="Password.")
    organization: str | None = strawberry.field(
        default=UNSET,
        description="Slug of the organization; required for a member of several organizations.",
    )


@input_type
class TokenRefreshInput:
    """Parameters for `tokenRefresh`."""

    refresh_token: str = strawberry.field(description="Latest refresh token; it works once.")


@input_type
class PasswordChangeInput:
    """Parameters for `passwordChange`."""

    current_password: str = strawberry.field(description="Your current password.")
    new_password: str = strawberry.field(
        description="New password, 12 to 128 characters, not one of the common passwords."
    )


@object_type
class LoginPayload(SignedIn):
    """Payload of `login`."""


@object_type
class TokenRefreshPayload(SignedIn):
    """Payload of `tokenRefresh`."""


@object_type
class LogoutPayload:
    """Payload of `logout`."""

    errors: list[UserError] = errors_field("Always empty.")


@object_type
class PasswordChangePayload(SignedIn):
    """Payload of `passwordChange`: tokens of the new sign-in."""


@input_type
class UserInviteInput:
    """Parameters for `userInvite`."""

    email: str = input_field(
        "E-mail address to sign in with.",
        most=254,
        shape=(r"[^@\s]+@[^@\s]+\.[^@\s]+", "an e-mail address"),
    )
    name: str = input_field("Name, 1 to 200 characters.")
    role: Role = input_field("Role; only an OWNER may invite an OWNER.")
    site_id: strawberry.ID | None = input_field(
        "Site of the user; limits the records visible to a PROCESS_OWNER or EXTERNAL_AUDITOR.",
        id_of="sit",
        default=None,
    )
    department_id: strawberry.ID | None = input_field(
        "Department of the user; limits the records visible to a PROCESS_OWNER or "
        "EXTERNAL_AUDITOR.",
        id_of="dep",
        default=None,
    )
    valid_from: date | None = input_field(
        "First day on which the user may sign in; null for no limit.", default=None
    )
    valid_until: date | None = input_field(
        "Last day on which the user may sign in; null for no limit.", default=None
    )
    idempotency_key: str | None = key_field()


@input_type
class InvitationAcceptInput:
    """Parameters for `invitationAccept`."""

    token: str = strawberry.field(description="`invitationToken`; it works once.")
    password: str = strawberry.field(
        description="Your password, if you are a member of another organization already; else "
        "a new one, 12 to 128 characters and not one of the common passwords."
    )


@object_type
class InvitationAcceptPayload(SignedIn):
    """Result of `invitationAccept`.

    Tokens and viewer are null also before the user's first day of validity.
    """

    email: str | None = strawberry.field(
        description="E-mail address to sign in with; null on refusal."
    )
    organization: str | None = strawberry.field(
        description="Slug of the organization that you have joined; null on refusal."
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
    description="Signs in with a password; the rest of the document runs as that user. Send "
    "it without the Authorization header: an expired token there is answered with "
    "401.",
    extensions=[Public()],
)
token_refresh = strawberry.mutation(
    _token_refresh,
    graphql_type=TokenRefreshPayload | None,
    description="Exchanges a refresh token for new tokens. Repeated within the grace period "
    "(10 seconds unless the operator changed it), it returns the same refresh "
    "token and another access token; later reuse ends the sign-in (RFC 9700, "
    "4.14.2). Send it without the Authorization header: an expired token there is "
    "answered with 401.",
    extensions=[Public()],
)
logout = strawberry.mutation(
    _logout,
    graphql_type=LogoutPayload | None,
    description="Ends this sign-in: its tokens are refused from the next request on.",
    extensions=[Requires(policy.OWN)],
)
password_change = strawberry.mutation(
    _password_change,
    graphql_type=PasswordChangePayload | None,
    description="Changes your password and ends all your sign-ins, this one included; the "
    "payload has the tokens of a new one.",
    extensions=[Requires(policy.OWN)],
)
user_invite = command(
    invitations.invite,
    input=UserInviteInput,
    permission="user:manage",
    result=user_by_id,
    description="Invites a person to your organization as an INVITED user, who becomes ACTIVE "
    "on acceptance. Only an OWNER invites an OWNER.",
    creates=True,
)
invitation_accept = strawberry.mutation(
    _invitation_accept,
    graphql_type=InvitationAcceptPayload | None,
    description="Accepts an invitation and signs in. Repeated with the same password within "
    "the grace period (10 seconds unless the operator changed it), it signs in "
    "again.",
    extensions=[Public()],
)
