"""Annotations of the fields of GraphQL types, resolved once for all fields that have the same."""

from dataclasses import MISSING
from functools import cache
from typing import Any, TypeVar, get_origin

from strawberry.annotation import StrawberryAnnotation
from strawberry.types.field import StrawberryField
from strawberry.types.maybe import Maybe

T = TypeVar("T")


def share_annotations(cls: type[T]) -> type[T]:
    """Return a class that is to become a type, with annotations that it shares with others.

    Strawberry would resolve the annotation of each field three times, a fifth of the time to build
    the schema.
    """
    hints = vars(cls).get("__annotations__", {})
    for name, hint in hints.items():
        field = vars(cls).get(name)
        if isinstance(field, StrawberryField) and not isinstance(hint, str | StrawberryAnnotation):
            hints[name] = _shared(hint)
            if get_origin(hint) is Maybe and field.default is MISSING:
                field.default = None  # which Strawberry does where it sees the `Maybe`
    return cls


@cache
def _shared(hint: Any) -> StrawberryAnnotation:
    # No namespace: in it, types that are declared later are named lazily, with their module.
    return StrawberryAnnotation(hint, namespace={})
