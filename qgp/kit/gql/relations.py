"""Fields with other records: those that a row points at, and those that point at it."""

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy.orm import InstrumentedAttribute
from strawberry.types.field import StrawberryField

from qgp.kit.counts import Counted
from qgp.kit.gql.bounds import bounded
from qgp.kit.gql.declarations import DECLARED, Excerpted, Number, Relation
from qgp.kit.gql.fields import Info, Node, OfRecord
from qgp.kit.gql.uses import FILTER, NOTHING, USES, Use, Uses
from qgp.kit.loader import Excerpt, Granted, One, Rule
from qgp.kit.model import Record
from qgp.kit.policy import Permission
from qgp.kit.subjects import loader_of


class _BelongsTo:
    """Field that is made once its class assigns the name that its key follows from."""

    def __init__(self, make: Callable[[str], StrawberryField | OfRecord]) -> None:
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
    rule: Rule | None = None,
    **bounds: Any,
) -> Any:
    """Declare a field with the record that a foreign key points at; null where the key is null.

    The type of a field by an `excerpt` is an `excerpt_type`. No filter, order, export or history
    uses it.

    Args:
        use: its uses beside reading; inputs take the id, in a field named after the key.
        key: the attribute with the foreign key, where that is not `<field>_id`.
        name: in the schema, where it differs from the attribute's.
        rule: which rows show an excerpt to the caller; None for every row that the caller may read.
        bounds: further attributes of `Uses`.
    """

    def field(attribute: str) -> StrawberryField | OfRecord:
        from_key = key or f"{attribute}_id"
        if isinstance(loader, Excerpt):
            return _excerpt(loader, description, from_key, rule)

        async def resolve(root: Any, info: Info) -> Any:
            id = getattr(root, from_key)
            return None if id is None else await info.context.load(loader, id)

        metadata = {DECLARED: Relation(loader, from_key), USES: Uses(use, **bounds)}
        relation_field: StrawberryField = strawberry.field(
            resolve, description=description, name=name, metadata=metadata
        )
        return relation_field

    return _BelongsTo(field)


def _excerpt(loader: Excerpt[Any], description: str, key: str, rule: Rule | None) -> OfRecord:
    """Return the field with an excerpt of the record that `key` points at; see `belongs_to`."""

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


def number_of(
    model: type[Record],
    read: Permission,
    description: str,
    *,
    by: InstrumentedAttribute[Any],
    where: tuple[sa.ColumnElement[bool], ...] = (),
) -> Any:
    """Declare a field with the number of records that point at this one; see `Counted`."""
    loader = Counted(model, read, by, where)

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
