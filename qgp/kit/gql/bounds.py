"""Bounds of plain lists: declared with the field, part of its description and of query cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import GraphQLField

BOUND = "bound"


@dataclass(frozen=True)
class Bound:
    """Bound of a plain list.

    Attributes:
        most: the most items that the list has.
        argument: the list argument for each of whose items the field returns one; None for none.
    """

    most: int
    argument: str | None = None


def bounded(
    description: str, most: int | None, metadata: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return `description` and `metadata` of a field, with the bound of its list in both.

    Args:
        description: the list, as a sentence; its bound is added at the end.
        most: the most items; None for a field that is no list.
        metadata: further metadata of the field.
    """
    metadata = metadata or {}
    if most is None:
        return {"description": description, "metadata": metadata}
    text = f"{description.removesuffix('.')}; at most {most:,}."
    return {"description": text, "metadata": {BOUND: Bound(most), **metadata}}


def plain_list(description: str, most: int, **options: Any) -> Any:
    """Declare a field with a plain list that is an attribute of its object.

    Args:
        description: the list, as a sentence; its bound is added at the end.
        most: the most items that the list has.
        options: further arguments of `strawberry.field`.
    """
    return strawberry.field(**bounded(description, most), **options)


def bound_of(field: GraphQLField) -> Bound | None:
    """Return the declared bound of a field's list, None where it declares none."""
    definition = field.extensions.get("strawberry-definition")
    bound: Bound | None = definition.metadata.get(BOUND) if definition else None
    return bound
