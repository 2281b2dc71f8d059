"""Output types and their fields of the row itself: columns and expressions."""

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit.context import Context
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.bounds import bounded
from qgp.kit.gql.declarations import (
    DECLARED,
    Column,
    Expression,
    NestedObject,
    PublicId,
)
from qgp.kit.gql.uses import LISTED, NOTHING, USES, Use, Uses
from qgp.kit.loader import Expressed, Make
from qgp.kit.model import Record
from qgp.kit.policy import Permission

Info = strawberry.Info[Context, None]
T = TypeVar("T")


def computed(
    resolve: Callable[..., Any],
    description: str,
    use: Use = NOTHING,
    *,
    most: int | None = None,
    **bounds: Any,
) -> Any:
    """Declare a field computed in Python from the row; `resolve` may have a parameter `info`.

    Args:
        use: FILTER and SORT, on an attribute of the row.
        most: the most items of a list; None for a field that is no list.
        bounds: further attributes of `Uses`.
    """
    options = bounded(description, most, {USES: Uses(use, **bounds)})
    if "info" in inspect.signature(resolve).parameters:
        return strawberry.field(resolve, **options)

    def resolver(root: Any) -> Any:
        return resolve(root)

    return strawberry.field(resolver, **options)


def column(
    description: str,
    use: Use = NOTHING,
    *,
    name: str | None = None,
    most: int | None = None,
    **bounds: Any,
) -> Any:
    """Declare a field for the row's attribute of the same name.

    Args:
        use: its uses beside reading.
        name: in the schema, where it differs from the attribute's.
        most: the most items of a list; None for a field that is no list.
        bounds: further attributes of `Uses`.
    """
    metadata = {DECLARED: Column(), USES: Uses(use, **bounds)}
    return strawberry.field(name=name, **bounded(description, most, metadata))


def nested_object(key: str, description: str) -> Any:
    """Declare a field that groups columns of the row in an object; null where `key` is null.

    Its type is an `object_type`, whose fields are declared like a record's and whose attributes are
    the row's. A column that is set whenever `key` is may be non-null in it.
    """

    def resolve(root: Any) -> Any:
        return None if getattr(root, key) is None else root

    declared = {DECLARED: NestedObject(key)}
    return strawberry.field(resolve, description=description, metadata=declared)


class OfRecord:
    """Field that `record` makes once it knows the model of the rows."""

    def __init__(self, make: Callable[[type[Record]], StrawberryField]) -> None:
        self.make = make


def expression(
    read: Permission, make: Make, description: str, *, of_row: Callable[[Any], Any] | None = None
) -> Any:
    """Declare a field with the value of an SQL expression over the row.

    Args:
        make: returns the expression for the mapped class, or for an alias of it; never null where
            the field is non-null.
        of_row: returns the same value for a loaded row, where its own columns suffice.
    """

    def field(model: type[Record]) -> StrawberryField:
        loader = Expressed(model, read, make)

        async def resolve(root: Any, info: Info) -> Any:
            return of_row(root) if of_row else await info.context.load(loader, root.id)

        declared = {DECLARED: Expression(loader)}
        return strawberry.field(resolve, description=description, metadata=declared)

    return OfRecord(field)


def public_id(description: str) -> Any:
    """Declare a field with the public id of the row."""

    def resolve(root: Any) -> strawberry.ID:
        return strawberry.ID(root.public_id)

    return strawberry.field(resolve, description=description, metadata={DECLARED: PublicId()})


@strawberry.interface(description="Object with an id that `node` looks up.")
class Node:
    """Object with an id that `node` looks up."""

    id: strawberry.ID = public_id("Public id: opaque and stable.")


@strawberry.interface(description="Record of your organization, with its version and dates.")
class Recorded(Node):
    """Fields of every record."""

    version: int = column("Number of the version, from 1; for `expectedVersion`.")
    created_at: datetime = column("Date and time of creation.", LISTED)
    updated_at: datetime = column("Date and time of the last change.", LISTED)


def record(model: type[Any], *, named: Sequence[str] = ()) -> Callable[[type[T]], type[T]]:
    """Declare a GraphQL type whose objects are the rows of `model`; its docstring describes it.

    Args:
        named: dotted fields by which people recognize the record in an export; not needed for
            `reference`, `code`, `number`, `email` and `name`.
    """

    def decorate(cls: type[T]) -> type[T]:
        cls.is_type_of = classmethod(  # type: ignore[attr-defined]  # read by strawberry
            lambda _, row, __: isinstance(row, model)
        )
        setattr(cls, NAMED, named)
        ROW_TYPES[model] = cls
        if issubclass(model, Record):
            TYPES[model] = cls
        make_fields(cls, model)
        return strawberry.type(share_annotations(cls), description=_documented(cls))

    return decorate


@dataclass_transform(kw_only_default=True)
def object_type(cls: type[T]) -> type[T]:
    """Declare a GraphQL type whose objects are no rows; its docstring describes it."""
    OBJECT_TYPES[cls.__name__] = cls
    return strawberry.type(share_annotations(cls), description=_documented(cls))


def excerpt_type(model: type[Record]) -> Callable[[type[T]], type[T]]:
    """Declare a GraphQL type with a few fields of the rows that an `excerpt` loads."""

    def decorate(cls: type[T]) -> type[T]:
        make_fields(cls, model)
        return object_type(cls)

    return decorate


def interface_type(cls: type[T]) -> type[T]:
    """Declare a GraphQL interface; its docstring describes it."""
    return strawberry.interface(share_annotations(cls), description=_documented(cls))


def make_fields(cls: type, model: type[Record]) -> None:
    """Make the fields of a type that need the model of its rows."""
    for name, value in [*vars(cls).items()]:
        if isinstance(value, OfRecord):
            setattr(cls, name, value.make(model))


def _documented(cls: type) -> str:
    return " ".join((cls.__doc__ or "").split())


NAMED = "_named"  # attribute of a type: the fields by which people recognize a record
TYPES: dict[type[Record], type] = {}
OBJECT_TYPES: dict[str, type] = {}  # of objects that are no rows, by name
ROW_TYPES: dict[type[Any], type] = {}  # the same, and those of rows that are no records


def argument(description: str) -> Any:
    """Describe an argument: `Annotated[int, argument("Number of rows.")]`."""
    return strawberry.argument(description=description)
