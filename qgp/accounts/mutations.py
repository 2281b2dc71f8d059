"""Signing in and out. A payload's `viewer` is who the operation goes on as."""

from collections.abc import Awaitable
from typing import Annotated, Any, TypeVar

import strawberry

from qgp.accounts import policy, service
from qgp.accounts.log_ins import Granted
from qgp.accounts.types import Viewer
from qgp.kit.errors import DomainError
from qgp.kit.gql import Info, Public, Requires, UserError, told

# One of them per document: each checks a secret.
SENSITIVE = frozenset({"login", "tokenRefresh", "passwordChange", "invitationAccept"})


@strawberry.input(description="Who signs in, and where.")
class LoginInput:
    """Who signs in, and where."""

    email: str = strawberry.field(description="The person's e-mail address, in any spelling.")
    password: str = strawberry.field(description="Their password.")
    organization: str | None = strawberry.field(
        default=None, description="The organization's slug; needed by who works in several."
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


@strawberry.type
class SignedIn:
    """What signing in and renewing answer; published under the names of its children."""

    access_token: str | None = strawberry.field(
        description="Send it as `Authorization: Bearer …`; null when refused."
    )
    refresh_token: str | None = strawberry.field(
        description="Trade it in with `tokenRefresh`, once; null when refused."
    )
    expires_in: int | None = strawberry.field(
        description="Seconds that the access token holds; null when refused."
    )
    viewer: Viewer | None = strawberry.field(description="Who is signed in; null when refused.")
    errors: list[UserError] = strawberry.field(description="Why not; empty on success.")


@strawberry.type(description="What `login` returns.")
class LoginPayload(SignedIn):
    """What `login` returns."""


@strawberry.type(description="What `tokenRefresh` returns.")
class TokenRefreshPayload(SignedIn):
    """What `tokenRefresh` returns."""


@strawberry.type(description="What `logout` returns.")
class LogoutPayload:
    """What `logout` returns."""

    errors: list[UserError] = strawberry.field(description="Always empty.")


@strawberry.type(description="What `passwordChange` returns.")
class PasswordChangePayload:
    """What `passwordChange` returns."""

    viewer: Viewer | None = strawberry.field(description="Who is signed in, still.")
    errors: list[UserError] = strawberry.field(description="Why not; empty on success.")


_TOKENS = ("access_token", "refresh_token", "expires_in")
_INPUT = strawberry.argument(description="What to do.")
P = TypeVar("P", bound=SignedIn)


async def _signed_in(payload: type[P], granting: Awaitable[Granted]) -> P:
    """Answer with what was granted, or why nothing was."""
    tokens: dict[str, Any] = dict.fromkeys(_TOKENS)
    viewer: Any = None
    errors: list[UserError] = []
    try:
        granted = await granting
    except DomainError as error:
        errors = [told(error)]
    else:
        tokens = {name: getattr(granted, name) for name in _TOKENS}
        viewer = granted.principal
    return payload(**tokens, viewer=viewer, errors=errors)


async def _login(info: Info, input: Annotated[LoginInput, _INPUT]) -> LoginPayload:
    granting = service.log_in(
        info.context,
        email=input.email,
        password=input.password,
        organization=input.organization,
    )
    return await _signed_in(LoginPayload, granting)


async def _token_refresh(
    info: Info, input: Annotated[TokenRefreshInput, _INPUT]
) -> TokenRefreshPayload:
    granting = service.refresh(info.context, refresh_token=input.refresh_token)
    return await _signed_in(TokenRefreshPayload, granting)


async def _logout(info: Info) -> LogoutPayload:
    await service.log_out(info.context)
    return LogoutPayload(errors=[])


async def _password_change(
    info: Info, input: Annotated[PasswordChangeInput, _INPUT]
) -> PasswordChangePayload:
    viewer: Any = info.context.caller
    errors: list[UserError] = []
    try:
        await service.change_password(
            info.context,
            current_password=input.current_password,
            new_password=input.new_password,
        )
    except DomainError as error:
        errors = [told(error)]
    return PasswordChangePayload(viewer=viewer, errors=errors)


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
    description="Trade a refresh token for new tokens. One that comes twice ends the sign-in. Send "
    "it without the Authorization header: an old token there is answered with 401.",
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
    description="Choose another password; every other sign-in of yours ends, everywhere.",
    extensions=[Requires(policy.OWN)],
)
