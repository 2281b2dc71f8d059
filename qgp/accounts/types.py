"""The viewer: who is signed in, where, and what they may do; and the payload of signing in."""

from collections.abc import Awaitable
from typing import Any, TypeVar

import strawberry

from qgp.accounts.commands.sign_ins import Granted
from qgp.kit.errors import DomainError
from qgp.kit.gql import (
    UserError,
    belongs_to,
    column,
    computed,
    errors_field,
    object_type,
    to_user_error,
)
from qgp.kit.policy import permissions_of
from qgp.organizations.loaders import organization_by_id
from qgp.organizations.refs import OrganizationRef
from qgp.users.loaders import user_by_id
from qgp.users.refs import UserRef


@object_type
class Viewer:
    """The signed-in person, in the organization they signed in to."""

    user: UserRef = belongs_to(user_by_id, "Who you are here.")
    organization: OrganizationRef = belongs_to(
        organization_by_id, "The organization whose records you see."
    )
    permissions: list[str] = computed(
        lambda principal: permissions_of(principal.role),
        "What your role allows, as `<record>:<act>`, sorted.",
        most=500,
    )


@strawberry.type
class SignedIn:
    """Fields of every payload that signs somebody in; published under the names of its children."""

    access_token: str | None = column("Send it as `Authorization: Bearer …`; null when refused.")
    refresh_token: str | None = column("Trade it in with `tokenRefresh`, once; null when refused.")
    expires_in: int | None = column("Seconds that the access token holds; null when refused.")
    viewer: Viewer | None = column("Who is signed in; null when refused.")
    errors: list[UserError] = errors_field("Why not; empty on success.")


_TOKENS = ("access_token", "refresh_token", "expires_in")
P = TypeVar("P", bound=SignedIn)


async def signed_in(payload: type[P], granting: Awaitable[Granted]) -> P:
    """Answer with what was granted, or why nothing was."""
    try:
        granted = await granting
    except DomainError as error:
        return payload(**tokens_of(None), errors=[to_user_error(error)])
    return payload(**tokens_of(granted), errors=[])


def tokens_of(granted: Granted | None) -> dict[str, Any]:
    """Return the fields of `SignedIn` that say what was granted, null where nothing was."""
    tokens = {name: getattr(granted, name, None) for name in _TOKENS}
    return tokens | {"viewer": granted and granted.principal}
