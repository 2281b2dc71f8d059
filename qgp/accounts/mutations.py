"""Mutations of signing in and out, passwords and invitations."""

from datetime import date, datetime
from typing import Any

import strawberry
from strawberry import UNSET

from qgp.accounts import policy
from qgp.accounts.commands import accounts, invitations
from qgp.accounts.types import SignedIn, tokens_of
from qgp.kit.context import Context
from qgp.kit.csv_dialect import CsvDelimiter
from qgp.kit.export_links import ExportLinks
from qgp.kit.gql import (
    Payload,
    command,
    input_field,
    input_type,
    key_field,
    mutation,
    object_type,
)
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
class LogoutPayload(Payload):
    """Payload of `logout`."""


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


@input_type
class ExportLinkCreateInput:
    """Parameters for `exportLinkCreate`."""

    register: str = input_field("Root field of the list, such as `findings`.", name="list")
    filter: str | None = input_field(
        "Filter in JSON, in the form of the `filter` argument of the list.", default=None
    )
    order_by: str | None = input_field(
        "Order in JSON, in the form of the `orderBy` argument of the list.", default=None
    )
    columns: list[str] | None = input_field(
        "Columns, such as `reference` or `owner.email`; if left out, all that you may read.",
        default=None,
    )
    delimiter: CsvDelimiter = input_field("Delimiter of the cells.", default=CsvDelimiter.COMMA)
    bom: bool = input_field(
        "Whether the file begins with a byte order mark, by which Excel recognizes UTF-8.",
        default=False,
    )


@object_type
class ExportLinkCreatePayload(Payload):
    """Payload of `exportLinkCreate`."""

    url: str | None = strawberry.field(
        description="Absolute URL to download the file with GET, without further headers; null on "
        "refusal."
    )
    expires_at: datetime | None = strawberry.field(
        description="Instant before which the download starts, 10 minutes from now; null on "
        "refusal."
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


async def _login(context: Context, input: LoginInput) -> dict[str, Any]:
    granted = await accounts.log_in(
        context,
        email=input.email,
        password=input.password,
        organization=None if input.organization is UNSET else input.organization,
    )
    return tokens_of(granted)


async def _token_refresh(context: Context, input: TokenRefreshInput) -> dict[str, Any]:
    return tokens_of(await accounts.refresh(context, refresh_token=input.refresh_token))


async def _logout(context: Context) -> dict[str, Any]:
    await accounts.log_out(context)
    return {}


async def _password_change(context: Context, input: PasswordChangeInput) -> dict[str, Any]:
    granted = await accounts.change_password(
        context, current_password=input.current_password, new_password=input.new_password
    )
    return tokens_of(granted)


async def _invitation_accept(context: Context, input: InvitationAcceptInput) -> dict[str, Any]:
    accepted = await invitations.accept(context, token=input.token, password=input.password)
    joined = {"email": accepted.email, "organization": accepted.organization}
    return joined | tokens_of(accepted.granted)


async def _export_link_create(context: Context, input: ExportLinkCreateInput) -> dict[str, Any]:
    parameters = {
        "filter": input.filter or None,
        "orderBy": input.order_by or None,
        "columns": ",".join(input.columns) if input.columns else None,
        "delimiter": input.delimiter.value,
        "bom": "true" if input.bom else "false",
    }
    sent = {name: text for name, text in parameters.items() if text is not None}
    return vars(context.services[ExportLinks].create(context, input.register, sent))


login = mutation(
    _login,
    input=LoginInput,
    payload=LoginPayload,
    description="Signs in with a password; the rest of the document runs as that user. Send "
    "it without the Authorization header: an expired token there is answered with "
    "401.",
    permission=None,
)
token_refresh = mutation(
    _token_refresh,
    input=TokenRefreshInput,
    payload=TokenRefreshPayload,
    description="Exchanges a refresh token for new tokens. Repeated within the grace period "
    "(10 seconds unless the operator changed it), it returns the same refresh "
    "token and another access token; later reuse ends the sign-in (RFC 9700, "
    "4.14.2). Send it without the Authorization header: an expired token there is "
    "answered with 401.",
    permission=None,
)
logout = mutation(
    _logout,
    payload=LogoutPayload,
    description="Ends this sign-in: its tokens are refused from the next request on.",
    permission=policy.OWN,
)
password_change = mutation(
    _password_change,
    input=PasswordChangeInput,
    payload=PasswordChangePayload,
    description="Changes your password and ends all your sign-ins, this one included; the "
    "payload has the tokens of a new one.",
    permission=policy.OWN,
)
export_link_create = mutation(
    _export_link_create,
    input=ExportLinkCreateInput,
    payload=ExportLinkCreatePayload,
    description="Returns a link to a list as a CSV file, for a browser to download. It ends "
    "after 10 minutes or with this sign-in, holds for this list and these parameters only, and the "
    "file has the rows that you may read when it is used.",
    permission=policy.OWN,
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
invitation_accept = mutation(
    _invitation_accept,
    input=InvitationAcceptInput,
    payload=InvitationAcceptPayload,
    description="Accepts an invitation and signs in. Repeated with the same password within "
    "the grace period (10 seconds unless the operator changed it), it signs in "
    "again.",
    permission=None,
)
