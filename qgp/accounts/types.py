"""GraphQL types of the viewer, and inputs and payloads of the mutations of accounts."""

from datetime import date, datetime
from typing import Any

import strawberry
from strawberry import UNSET

from qgp.accounts.commands.sign_ins import Granted
from qgp.calendars.loaders import calendar_feed_of_user
from qgp.calendars.refs import CalendarFeedRef
from qgp.kit.csv_dialect import CsvDelimiter
from qgp.kit.gql import (
    Payload,
    belongs_to,
    column,
    computed,
    input_field,
    input_type,
    key_field,
    object_type,
)
from qgp.kit.policy import Role
from qgp.organizations.loaders import organization_by_id
from qgp.organizations.refs import OrganizationRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@object_type
class Viewer:
    """The signed-in user, with their organization and permissions."""

    user: UserRef = belongs_to(user_by_id, "Your user.")
    organization: OrganizationRef = belongs_to(organization_by_id, "Your organization.")
    calendar_feed: CalendarFeedRef | None = belongs_to(
        calendar_feed_of_user,
        "Your calendar feed; null without one (`calendarFeedCreate`).",
        key="user_id",
    )
    permissions: list[str] = computed(
        lambda principal: principal.permissions,
        "Permissions of your role, as `<record>:<act>`, sorted.",
        most=500,
    )


@strawberry.type
class SignedIn(Payload):
    """Fields of each payload that signs in, published under the names of its subclasses."""

    access_token: str | None = column(
        "Access token, sent as `Authorization: Bearer …`; null on refusal."
    )
    refresh_token: str | None = column(
        "Refresh token, exchanged once with `tokenRefresh`; null on refusal."
    )
    expires_in: int | None = column("Lifetime of the access token in seconds; null on refusal.")
    viewer: Viewer | None = column("Signed-in user; null on refusal.")


_TOKENS = ("access_token", "refresh_token", "expires_in")


def tokens_of(granted: Granted | None) -> dict[str, Any]:
    """Return the token and viewer fields of `SignedIn`, null without a sign-in."""
    tokens = {name: getattr(granted, name, None) for name in _TOKENS}
    return tokens | {"viewer": granted and granted.principal}


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
class PasswordResetRequestInput:
    """Parameters for `passwordResetRequest`."""

    email: str = strawberry.field(description="E-mail address, in any spelling.")


@input_type
class PasswordResetInput:
    """Parameters for `passwordReset`."""

    token: str = strawberry.field(description="Token of the link in the message; it works once.")
    password: str = strawberry.field(
        description="New password, 12 to 128 characters, not one of the common passwords."
    )


@object_type
class PasswordResetRequestPayload(Payload):
    """Payload of `passwordResetRequest`: the same whether an account has the address or not."""


@object_type
class PasswordResetPayload(Payload):
    """Payload of `passwordReset`; sign in with the new password."""


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
