"""Query of the signed-in user."""

from typing import Any

import strawberry

from qgp.accounts import policy
from qgp.accounts.types import Viewer
from qgp.kit.gql import Info, Requires
from qgp.kit.policy import Principal


async def _viewer(info: Info) -> Principal:
    return info.context.caller


_signed_in: Any = strawberry.field(
    _viewer,
    graphql_type=Viewer | None,
    description="The signed-in user; UNAUTHENTICATED without a sign-in.",
    extensions=[Requires(policy.OWN)],
)


@strawberry.type
class Query:
    """Root queries."""

    viewer: Viewer | None = _signed_in
