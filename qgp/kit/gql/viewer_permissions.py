"""Boolean fields about the viewer: a permission, at all or on the row, or a rule of the row."""

from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit.gql.declarations import DECLARED, Allowed, AllowedOn
from qgp.kit.gql.fields import Info, OfRecord
from qgp.kit.loader import Granted, Rule
from qgp.kit.model import Record
from qgp.kit.policy import Permission


def viewer_can(permission: Permission, act: str) -> Any:
    """Declare a Boolean field: whether the viewer holds the permission of a mutation."""

    def resolve(info: Info) -> bool:
        return info.context.caller.may(permission)

    return strawberry.field(
        resolve, description=f"Whether you may {act}.", metadata={DECLARED: Allowed(permission)}
    )


def viewer_can_on(permission: Permission, rule: Rule, act: str) -> Any:
    """Declare a Boolean field: whether the viewer holds the permission and `rule` admits it."""
    return viewer_is(permission, rule, f"Whether you may {act}.")


def viewer_is(permission: Permission, rule: Rule, description: str) -> Any:
    """Declare a Boolean field: whether `rule` holds for row and viewer.

    Args:
        permission: false for a viewer without it.
        rule: takes the mapped class, or an alias of it, and the caller.
        description: begins with "Whether".
    """

    def field(model: type[Record]) -> StrawberryField:
        loader = Granted(model, permission, rule)

        async def resolve(root: Any, info: Info) -> bool:
            return info.context.caller.may(permission) and await info.context.load(loader, root.id)

        declared = {DECLARED: AllowedOn(loader)}
        return strawberry.field(resolve, description=description, metadata=declared)

    return OfRecord(field)
