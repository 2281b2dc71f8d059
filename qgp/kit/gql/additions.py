"""Additions: fields and interfaces that one module adds to the types of earlier modules."""

from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from strawberry.types.base import StrawberryObjectDefinition, has_object_definition
from strawberry.types.field import StrawberryField

from qgp.kit.gql.annotations import share_annotations
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
        interfaces = [base for base in cls.__mro__[1:] if has_object_definition(base)]
        added = {field.python_name: field for field in _fields(cls)}
        for owner in owners:
            target = OBJECT_TYPES[owner] if isinstance(owner, str) else TYPES[owner.model]
            kind = _definition(target)
            inherited = {field.python_name for base in kind.interfaces for field in base.fields}
            names = [name for name in added if name not in inherited]
            if twice := {field.python_name for field in kind.fields}.intersection(names):
                raise ValueError(f"{target.__name__} has {', '.join(sorted(twice))} already")
            kind.fields.extend(added[name] for name in names)
            implement(target, *interfaces)
        return cls

    return decorate


def implement(kind: type, *interfaces: type) -> None:
    """Add interfaces to a type that has their fields, unless it implements them already."""
    implemented = _definition(kind).interfaces
    implemented.extend(base for base in map(_definition, interfaces) if base not in implemented)


def _fields(cls: type) -> Iterator[StrawberryField]:
    """Yield the fields of the interfaces that a class inherits, then its own.

    Strawberry would make a type of the class, at the price of one that the schema has.
    """
    for base in filter(has_object_definition, cls.__bases__):
        yield from _definition(base).fields
    for name, field in vars(share_annotations(cls)).items():
        if isinstance(field, StrawberryField):
            field.python_name, field.origin = name, cls
            field.type = cls.__annotations__[name]
            yield field


def _definition(kind: type) -> StrawberryObjectDefinition:
    definition: StrawberryObjectDefinition = kind.__strawberry_definition__  # type: ignore[attr-defined]  # set by strawberry
    return definition
