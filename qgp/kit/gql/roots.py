"""Root fields: who may ask them, and look-ups of one record."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry
from graphql import OperationType
from strawberry.extensions import FieldExtension

from qgp.kit import ids
from qgp.kit.errors import DomainError, Forbidden
from qgp.kit.gql.declarations import DECLARED, Lookup
from qgp.kit.gql.fields import Info
from qgp.kit.loader import One
from qgp.kit.policy import Permission
from qgp.kit.security_log import log_refusal


class Requires(FieldExtension):
    """Guard a root field; a test proves that none is left without."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """Let the caller pass who holds the permission; the security log tells of a mutation's."""
        try:
            info.context.require(self.permission)
        except Forbidden as error:
            if info.operation.operation is OperationType.MUTATION and info.path.prev is None:
                await log_refusal(info.context, info.field_name, error, _record_named(kwargs))
            raise
        return await next_(source, info, **kwargs)


def _record_named(arguments: Mapping[str, Any]) -> str | None:
    """Return the id that the input of a mutation has, if it is one."""
    text = getattr(arguments.get("input"), "id", None)
    try:
        ids.split(text or "", "id")
    except DomainError:
        return None
    return text


class Public(FieldExtension):
    """Mark a root field that anonymous callers may ask."""

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """Let everybody pass."""
        return await next_(source, info, **kwargs)


def lookup(description: str, **loaders: One[Any]) -> Any:
    """A root look-up with a one-of argument `by`; each key is read through its loader.

    `find("…", id=user_by_id, email=user_by_email)` takes `by: {id: …}` or `by: {email: …}`.
    """
    first = next(iter(loaders.values()))
    kind = first.model.__name__
    text: Any = strawberry.Maybe[str]  # type: ignore[misc]  # an alias to mypy, generic to us
    public_id: Any = strawberry.Maybe[strawberry.ID]  # type: ignore[misc]  # as above
    annotations = {name: public_id if name == "id" else text for name in loaders}
    hints = {
        name: strawberry.field(description=f"The {kind}'s {name}.", default=None)
        for name in loaders
    }
    By: Any = strawberry.input(  # noqa: N806 - a class
        type(f"{kind}By", (), {"__annotations__": annotations, **hints}),
        one_of=True,
        description=f"Names one {kind}; give exactly one field.",
    )

    By = Annotated[By, strawberry.argument(description=f"Which {kind}.")]  # noqa: N806

    lookups = Lookup(loaders)

    async def resolve(info: Info, by: By) -> Any:
        return await info.context.load(*lookups.named(by))

    return strawberry.field(
        resolve,
        description=description,
        extensions=[Requires(first.read)],
        metadata={DECLARED: lookups},
    )
