"""Output types and their fields: columns, expressions and relations."""

import inspect
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar, dataclass_transform

import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit.context import Context
from qgp.kit.counts import Counted
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.bounds import bounded
from qgp.kit.gql.declarations import (
    DECLARED,
    Column,
    Expression,
    NestedObject,
    Number,
    PublicId,
    Relation,
)
from qgp.kit.gql.uses import FILTER, LISTED, NOTHING, USES, Use, Uses
from qgp.kit.loader import Expressed, Make, One
from qgp.kit.model import Record
from qgp.kit.policy import Permission
from qgp.kit.subjects import loader_of

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


class _BelongsTo:
    """Field that is made once its class assigns the name that its key follows from."""

    def __init__(self, make: Callable[[str], StrawberryField]) -> None:
        self._make = make

    def __set_name__(self, owner: type, name: str) -> None:
        setattr(owner, name, self._make(name))


def belongs_to(
    loader: One[Any],
    description: str,
    use: Use = NOTHING,
    *,
    key: str | None = None,
    name: str | None = None,
    **bounds: Any,
) -> Any:
    """Declare a field with the record that a foreign key points at; null where the key is null.

    Args:
        use: its uses beside reading; inputs take the id, in a field named after the key.
        key: the attribute with the foreign key, where that is not `<field>_id`.
        name: in the schema, where it differs from the attribute's.
        bounds: further attributes of `Uses`.
    """

    def field(attribute: str) -> StrawberryField:
        from_key = key or f"{attribute}_id"

        async def resolve(root: Any, info: Info) -> Any:
            id = getattr(root, from_key)
            return None if id is None else await info.context.load(loader, id)

        metadata = {DECLARED: Relation(loader, from_key), USES: Uses(use, **bounds)}
        relation_field: StrawberryField = strawberry.field(
            resolve, description=description, name=name, metadata=metadata
        )
        return relation_field

    return _BelongsTo(field)


def has_many(
    loader: Any, description: str, use: Use = NOTHING, *, key: str = "id", **bounds: Any
) -> Any:
    """Declare a field with the rows that point at this one; the loader bounds their number.

    Args:
        use: FILTER where the filter has conditions on them.
        key: the attribute that they point at.
        bounds: further attributes of `Uses`.
    """

    async def resolve(root: Any, info: Info) -> Any:
        return await info.context.load(loader, getattr(root, key))

    metadata = {DECLARED: Relation(loader, key), USES: Uses(use, **bounds)}
    return strawberry.field(resolve, **bounded(description, loader.most, metadata))


def number_of(loader: Counted, description: str) -> Any:
    """Declare a field with the number of records that point at this one."""

    async def resolve(root: Any, info: Info) -> int:
        return await info.context.load(loader, root.id)

    return strawberry.field(resolve, description=description, metadata={DECLARED: Number(loader)})


def subject_field(description: str, name: str = "subject") -> Any:
    """Declare a field with the subject of the row, of any kind; null where it is hidden.

    The filter compares its id.

    Args:
        description: of the field.
        name: prefix of the columns with kind and id.
    """

    async def resolve(root: Any, info: Info) -> Node | None:
        kind = getattr(root, f"{name}_type")
        loader = None if kind is None else loader_of(kind)
        if loader is None or not info.context.caller.may(loader.read):
            return None
        subject: Any = await info.context.load(loader, getattr(root, f"{name}_id"))
        return subject  # type: ignore[no-any-return]  # the rows are the objects

    uses = Uses(FILTER, filter_by=f"{name}_id")
    return strawberry.field(resolve, description=description, metadata={USES: uses})


def argument(description: str) -> Any:
    """Describe an argument: `Annotated[int, argument("Number of rows.")]`."""
    return strawberry.argument(description=description)
