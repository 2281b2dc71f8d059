"""Root fields: permission checks, and look-ups of one record."""

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
from qgp.kit.names import words
from qgp.kit.policy import Permission
from qgp.kit.security_log import log_refusal


class Requires(FieldExtension):
    """Permission check of a root field; every root field has one (a test proves it)."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """Resolve the field for callers with the permission; log the refusal of a mutation."""
        try:
            info.context.require(self.permission)
        except Forbidden as error:
            if info.operation.operation is OperationType.MUTATION and info.path.prev is None:
                await log_refusal(info.context, info.field_name, error, _record_named(kwargs))
            raise
        return await next_(source, info, **kwargs)


def _record_named(arguments: Mapping[str, Any]) -> str | None:
    """Return the `id` of a mutation's input; None where it is missing or malformed."""
    text = getattr(arguments.get("input"), "id", None)
    try:
        ids.split(text or "", "id")
    except DomainError:
        return None
    return text


class Public(FieldExtension):
    """Mark of a root field that anonymous callers may select."""

    async def resolve_async(self, next_: Any, source: Any, info: Info, **kwargs: Any) -> Any:
        """Resolve the field for every caller."""
        return await next_(source, info, **kwargs)


def lookup(description: str, **loaders: One[Any]) -> Any:
    """Declare a root look-up with a one-of argument `by`, whose fields have a loader each.

    `lookup("…", id=user_by_id, email=user_by_email)` takes `by: {id: …}` or `by: {email: …}`.
    """
    first = next(iter(loaders.values()))
    kind = first.model.__name__
    record = words(kind)
    text: Any = strawberry.Maybe[str]  # type: ignore[misc]  # an alias to mypy, generic to us
    public_id: Any = strawberry.Maybe[strawberry.ID]  # type: ignore[misc]  # as above
    annotations = {name: public_id if name == "id" else text for name in loaders}
    hints = {
        name: strawberry.field(description=f"The {record}'s {name}.", default=None)
        for name in loaders
    }
    By: Any = strawberry.input(  # noqa: N806 - a class
        type(f"{kind}By", (), {"__annotations__": annotations, **hints}),
        one_of=True,
        description=f"Key of one {record}; send exactly one field.",
    )

    By = Annotated[By, strawberry.argument(description=f"Key of the {record}.")]  # noqa: N806

    lookups = Lookup(loaders)

    async def resolve(info: Info, by: By) -> Any:
        return await info.context.load(*lookups.named(by))

    return strawberry.field(
        resolve,
        description=description,
        extensions=[Requires(first.read)],
        metadata={DECLARED: lookups},
    )
