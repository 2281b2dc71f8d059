"""Root field `serverInfo`: version, clock and limits of the server."""

from dataclasses import fields
from datetime import datetime
from importlib.metadata import version
from inspect import getdoc
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from qgp.http.limits import Limits
from qgp.kit import clock
from qgp.kit.gql import Public, object_type


def _descriptions() -> dict[str, str]:
    """Return the description of each limit, from the docstring of `Limits`."""
    attributes = (getdoc(Limits) or "").partition("Attributes:")[2]
    lines = [line.strip().partition(": ") for line in attributes.strip().splitlines()]
    return {name: meaning[0].upper() + meaning[1:] for name, _, meaning in lines}


def _published() -> Any:
    descriptions = _descriptions()
    body: dict[str, Any] = {
        limit.name: strawberry.field(description=descriptions[limit.name])
        for limit in fields(Limits)
    }
    body["__annotations__"] = {limit.name: limit.type for limit in fields(Limits)}
    limits_type = type("ServerLimits", (), body)
    return strawberry.type(limits_type, description="The largest request that is served.")


ServerLimits: Any = _published()


@object_type
class ServerInfo:
    """This server: version, clock and limits."""

    version: str = strawberry.field(description="Version of the server.")
    now: datetime = strawberry.field(description="The server's clock.")
    limits: ServerLimits = strawberry.field(description="The largest request that is served.")


def server_info(limits: Limits) -> StrawberryField:
    """Return the root field, which needs no sign-in."""
    published = ServerLimits(
        **{limit.name: getattr(limits, limit.name) for limit in fields(Limits)}
    )

    def resolve() -> ServerInfo:
        return ServerInfo(version=version("qgp"), now=clock.now(), limits=published)

    field = strawberry.field(
        resolve,
        graphql_type=ServerInfo | None,
        description="This server: version, clock and limits. Needs no sign-in.",
        extensions=[Public()],
    )
    field.python_name = "server_info"
    return field
