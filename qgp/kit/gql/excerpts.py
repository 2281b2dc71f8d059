"""Excerpts: a few fields of a record for the readers of another record that points at it."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit.gql.declarations import DECLARED, Excerpted
from qgp.kit.gql.fields import Info, OfRecord, make_fields, object_type
from qgp.kit.loader import Excerpt, Granted, Rule
from qgp.kit.model import Record

T = TypeVar("T")


def excerpt_type(model: type[Record]) -> Callable[[type[T]], type[T]]:
    """Declare a GraphQL type with a few fields of the rows of `model`, for an `excerpt_field`."""

    def decorate(cls: type[T]) -> type[T]:
        make_fields(cls, model)
        return object_type(cls)

    return decorate


def excerpt_field(
    loader: Excerpt[Any], description: str, *, key: str, rule: Rule | None = None
) -> Any:
    """Declare a field with a few fields of the record that a foreign key points at.

    Its type is an `excerpt_type`. No filter, order, export or history uses it.

    Args:
        key: the attribute with the foreign key.
        rule: which rows show it to the caller; None for every row that the caller may read.
    """

    def field(model: type[Record]) -> StrawberryField:
        granted = Granted(model, loader.read, rule) if rule else None

        async def resolve(root: Any, info: Info) -> Any:
            id = getattr(root, key)
            if id is None or (granted and not await info.context.load(granted, root.id)):
                return None
            return await info.context.load(loader, id)

        declared = {DECLARED: Excerpted(loader, key, granted)}
        return strawberry.field(resolve, description=description, metadata=declared)

    return OfRecord(field)
