"""GraphQL types of the viewer and of the payloads that sign in."""

from typing import Any

import strawberry

from qgp.accounts.commands.sign_ins import Granted
from qgp.calendars.loaders import calendar_feed_of_user
from qgp.calendars.refs import CalendarFeedRef
from qgp.kit.gql import Payload, belongs_to, column, computed, object_type
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
