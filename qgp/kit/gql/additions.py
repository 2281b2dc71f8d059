"""Additions: fields and interfaces that one module adds to the types of earlier modules."""

from collections.abc import Callable
from typing import Any, TypeVar

import strawberry
from strawberry.types.base import StrawberryObjectDefinition

from qgp.kit.gql.fields import OBJECT_TYPES, TYPES
from qgp.kit.loader import One

T = TypeVar("T")


def adds_to(*owners: One[Any] | str) -> Callable[[type[T]], type[T]]:
    """Add the class's fields to the types of the records that the loaders read.

    `@adds_to(finding_by_id, capa_by_id)` decorates a class whose body is like that of a type. An
    interface that the class inherits is implemented by these types too. The types must be declared
    before it and the schema made after it: `qgp.schema` imports the files named `additions` last.
    An `object_type` is named: `@adds_to("Viewer")`.

    Raises:
        ValueError: a type has a field of that name already.
    """

    def decorate(cls: type[T]) -> type[T]:
        added = _definition(strawberry.type(cls))
        for owner in owners:
            target = OBJECT_TYPES[owner] if isinstance(owner, str) else TYPES[owner.model]
            kind = _definition(target)
            inherited = {field.python_name for base in kind.interfaces for field in base.fields}
            fields = [field for field in added.fields if field.python_name not in inherited]
            if twice := {f.python_name for f in kind.fields} & {f.python_name for f in fields}:
                raise ValueError(f"{target.__name__} has {', '.join(sorted(twice))} already")
            kind.fields.extend(fields)
            implement(target, *(base.origin for base in added.interfaces))
        return cls

    return decorate


def implement(kind: type, *interfaces: type) -> None:
    """Add interfaces to a type that has their fields, unless it implements them already."""
    implemented = _definition(kind).interfaces
    implemented.extend(base for base in map(_definition, interfaces) if base not in implemented)


def _definition(kind: type) -> StrawberryObjectDefinition:
    definition: StrawberryObjectDefinition = kind.__strawberry_definition__  # type: ignore[attr-defined]  # set by strawberry
    return definition
