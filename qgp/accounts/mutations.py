"""Signing in and out. A payload's `viewer` is who the operation goes on as."""

from typing import Annotated

import strawberry
from strawberry import UNSET

from qgp.accounts import policy, service
from qgp.accounts.types import SignedIn, signed_in
from qgp.kit.gql import Info, Public, Requires, UserError, errors_field
from qgp.kit.gql.inputs import parameters

# One of them per document: each checks a secret.
SENSITIVE = frozenset({"login", "tokenRefresh", "passwordChange", "invitationAccept"})


@strawberry.input(description="Who signs in, and where.")
class LoginInput:
    """Who signs in, and where."""

    email: str = strawberry.field(description="The person's e-mail address, in any spelling.")
    password: str = strawberry.field(description="Their password.")
    organization: str | None = strawberry.field(
        default=UNSET, description="The organization's slug; needed by who works in several."
    )


@strawberry.input(description="A refresh token to trade in.")
class TokenRefreshInput:
    """A refresh token to trade in."""

    refresh_token: str = strawberry.field(description="The latest one; it works once.")


@strawberry.input(description="Another password for yourself.")
class PasswordChangeInput:
    """Another password for the caller."""

    current_password: str = strawberry.field(description="The password you signed in with.")
    new_password: str = strawberry.field(
        description="12 to 128 characters, not one of the common passwords."
    )


@strawberry.type(description="What `login` returns.")
class LoginPayload(SignedIn):
    """What `login` returns."""


@strawberry.type(description="What `tokenRefresh` returns.")
class TokenRefreshPayload(SignedIn):
    """What `tokenRefresh` returns."""


@strawberry.type(description="What `logout` returns.")
class LogoutPayload:
    """What `logout` returns."""

    errors: list[UserError] = errors_field("Always empty.")


@strawberry.type(description="What `passwordChange` returns: tokens of the sign-in it opens.")
class PasswordChangePayload(SignedIn):
    """What `passwordChange` returns."""


async def _login(info: Info, input: Annotated[LoginInput, parameters("login")]) -> LoginPayload:
    granting = service.log_in(
        info.context,
        email=input.email,
        password=input.password,
        organization=None if input.organization is UNSET else input.organization,
    )
    return await signed_in(LoginPayload, granting)


async def _token_refresh(
    info: Info, input: Annotated[TokenRefreshInput, parameters("tokenRefresh")]
) -> TokenRefreshPayload:
    granting = service.refresh(info.context, refresh_token=input.refresh_token)
    return await signed_in(TokenRefreshPayload, granting)


async def _logout(info: Info) -> LogoutPayload:
    await service.log_out(info.context)
    return LogoutPayload(errors=[])


async def _password_change(
    info: Info, input: Annotated[PasswordChangeInput, parameters("passwordChange")]
) -> PasswordChangePayload:
    granting = service.change_password(
        info.context, current_password=input.current_password, new_password=input.new_password
    )
    return await signed_in(PasswordChangePayload, granting)


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
