"""Export columns of a type: scalar fields of the row, and of the records related to it."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute
from strawberry.types.field import StrawberryField

from qgp.kit.gql.declarations import DECLARED, Column, Expression, PublicId, Relation
from qgp.kit.gql.fields import NAMED, TYPES
from qgp.kit.gql.uses import FILTER, uses_of
from qgp.kit.loader import Linked, Many, One
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.policy import Principal

_NAMING_FIELDS = ("reference", "code", "number", "email", "name")
_NAMES = ("reference", "name", "code", "number", "title", "filename")
_HINTS = "__annotations__"
Scalar = Column | PublicId | Expression


def fields(model: type[Record]) -> dict[str, StrawberryField]:
    """Return the fields of the model's type by their name in GraphQL."""
    definitions = TYPES[model].__strawberry_definition__.fields  # type: ignore[attr-defined]
    return {field.graphql_name or to_camel(field.python_name): field for field in definitions}


def scalar_of(model: type[Record], field: StrawberryField) -> Scalar | None:
    """Return the declaration of a field that is one value of the row in SQL; None for others."""
    declared = field.metadata.get(DECLARED)
    if isinstance(declared, Column):
        held = getattr(model, field.python_name, None)
        return declared if isinstance(held, InstrumentedAttribute) else None
    return declared if isinstance(declared, PublicId | Expression) else None


def relation(field: StrawberryField) -> tuple[One[Any], str] | None:
    """Return loader and key of a field that shows one other record."""
    declared = field.metadata.get(DECLARED)
    if isinstance(declared, Relation) and isinstance(declared.loader, One):
        return declared.loader, declared.key
    return None


def relations(field: StrawberryField) -> tuple[Many[Any] | Linked[Any], str] | None:
    """Return loader and key of a field that shows a list of other records."""
    declared = field.metadata.get(DECLARED)
    if isinstance(declared, Relation) and isinstance(declared.loader, Many | Linked):
        return (declared.loader, declared.key) if declared.loader.model in TYPES else None
    return None


def related_model(field: StrawberryField) -> type[Record] | None:
    """Return the kind of the records that a field shows, one or a list; None for others."""
    related: Any = relation(field) or relations(field)
    if related is None:
        return None
    model: type[Record] = related[0].model
    return model


def columns(model: type[Record], caller: Principal) -> Iterator[str]:
    """Yield every scalar field of the type, and the naming fields of records related to it.

    These are the records it belongs to, and those of its lists that the filter knows.

    Fields that every record has come last; fields that the caller may not read are left out.
    """
    all_fields = fields(model)
    common = {part for base in TYPES[model].__mro__[1:] for part in vars(base).get(_HINTS, ())}
    common -= {"id"}
    for name in sorted(all_fields, key=lambda name: all_fields[name].python_name in common):
        field = all_fields[name]
        if (declared := scalar_of(model, field)) is not None:
            if not isinstance(declared, Expression) or caller.may(declared.loader.read):
                yield name
        elif (other := relation(field)) is not None and caller.may(other[0].read):
            yield from (f"{name}.{part}" for part in naming_fields(other[0].model))
        elif (listed := relations(field)) is not None and caller.may(listed[0].read):
            parts = naming_fields(listed[0].model) if FILTER in uses_of(field).use else []
            yield from (f"{name}.{part}" for part in parts if part != "id")


def name_fields(model: type[Record]) -> list[str]:
    """Return the dotted fields whose values, joined by blanks, name a record of the model."""
    definitions = fields(model)
    names = (name for name in _NAMES if name in definitions)
    return [*vars(TYPES[model])[NAMED]] or [*islice(names, 1)]


def naming_fields(model: type[Record]) -> list[str]:
    """Return the dotted fields by which people recognize a record of the model."""
    definitions = fields(model)
    named = vars(TYPES[model])[NAMED]
    names = [*named] or [name for name in _NAMING_FIELDS if name in definitions]
    return names or ["id"]
