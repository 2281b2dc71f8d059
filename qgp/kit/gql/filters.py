"""Typed filters: `and`, `or`, `not`, operators per field, filters of related records."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit.gql.declarations import DECLARED, Expression
from qgp.kit.loader import Links
from qgp.kit.names import one_of
from qgp.kit.policy import Permission

T = TypeVar("T")
MOST_LEVELS, MOST_LEAVES, MOST_VALUES = 3, 50, 100


@strawberry.input(description="Conditions on a text; all that are given must hold.")
class StringFilter:
    """Conditions on a text column."""

    eq: str | None = strawberry.field(default=UNSET, description="Equals, letter by letter.")
    in_: list[str] | None = strawberry.field(
        name="in", default=UNSET, description="Equals one of these; at most 100."
    )
    not_in: list[str] | None = strawberry.field(
        default=UNSET, description="Equals none of these, or is empty; at most 100."
    )
    is_null: bool | None = strawberry.field(default=UNSET, description="Is, or is not, empty.")
    contains: str | None = strawberry.field(
        default=UNSET, description="Contains this, without regard to case and accents."
    )
    starts_with: str | None = strawberry.field(
        default=UNSET, description="Starts with this, without regard to case and accents."
    )


@strawberry.input(description="Conditions on an id; all that are given must hold.")
class IDFilter:
    """Conditions on an id column."""

    eq: strawberry.ID | None = strawberry.field(default=UNSET, description="Is this record.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=UNSET, description="Is one of these records; at most 100."
    )
    not_in: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Is none of these records, or is empty; at most 100."
    )
    is_null: bool | None = strawberry.field(default=UNSET, description="Is, or is not, empty.")


@strawberry.input(description="Condition on a yes or no.")
class BooleanFilter:
    """Condition on a boolean column."""

    eq: bool | None = strawberry.field(default=UNSET, description="Is this.")
    is_null: bool | None = strawberry.field(default=UNSET, description="Is, or is not, empty.")


@strawberry.input(description="Conditions on one of a closed set of values.")
class EnumFilter(Generic[T]):
    """Conditions on an enumerated column."""

    eq: T | None = strawberry.field(default=UNSET, description="Is this value.")
    in_: list[T] | None = strawberry.field(
        name="in", default=UNSET, description="Is one of these values."
    )
    not_in: list[T] | None = strawberry.field(
        default=UNSET, description="Is none of these values, or is empty."
    )
    is_null: bool | None = strawberry.field(default=UNSET, description="Is, or is not, empty.")


def _ordered(name: str, kind: Any, what: str) -> Any:
    """Make the operators of an ordered scalar."""
    descriptions = {
        "eq": "Equals.", "gt": "After, or more than.", "gte": "At, or after.",
        "lt": "Before, or less than.", "lte": "At, or before.",
    }  # fmt: skip
    body: dict[str, Any] = {
        op: strawberry.field(default=UNSET, description=text) for op, text in descriptions.items()
    }
    body["in_"] = strawberry.field(name="in", default=UNSET, description="Equals one of these.")
    body["not_in"] = strawberry.field(
        default=UNSET, description="Equals none of these, or is empty."
    )
    body["is_null"] = strawberry.field(default=UNSET, description="Is, or is not, empty.")
    several = dict.fromkeys(("in_", "not_in"), list[kind] | None)
    hints = {**dict.fromkeys(descriptions, kind | None), **several, "is_null": bool | None}
    filter_class = type(name, (), {**body, "__annotations__": hints, "__module__": __name__})
    return strawberry.input(filter_class, description=f"Conditions on {what}; all given must hold.")


IntFilter = _ordered("IntFilter", int, "a whole number")
DecimalFilter = _ordered("DecimalFilter", Decimal, "an exact number")
DateFilter = _ordered("DateFilter", date, "a calendar day")
DateTimeFilter = _ordered("DateTimeFilter", datetime, "an instant")


@dataclass(frozen=True)
class Related:
    """A filter field on related records, if the caller may read those.

    Attributes:
        key: the column that points at them, or `id` where they point here.
        through: their column that `key` equals: `id`, or the one that points here.
        only: conditions on the related records that are part of what the relation is.
        links: what leads to them where neither side points at the other; see `Linked`.
    """

    key: str
    read: Permission
    through: str = "id"
    only: tuple[sa.ColumnElement[bool], ...] = ()
    links: Links | None = None


def filter_field(description: str) -> Any:
    """A filter field on the column of the same name."""
    return strawberry.field(default=UNSET, description=description)


def computed_filter_field(expression: Expression, description: str) -> Any:
    """A filter field on what SQL makes of the row."""
    return strawberry.field(default=UNSET, description=description, metadata={DECLARED: expression})


def related(relation: Related, description: str) -> Any:
    """A filter field on related records: it holds where one of them fits."""
    return strawberry.field(default=UNSET, description=description, metadata={DECLARED: relation})


def lazy_filter(kind: str) -> Any:
    """Return the filter of a type, by the type's name; it is made before the schema is."""
    return Annotated[f"{kind}Filter", strawberry.lazy("qgp.kit.gql.derived")]


def lazy_list_filter(kind: str) -> Any:
    """Return the filter of a list of a type, by the type's name."""
    return Annotated[f"{kind}ListFilter", strawberry.lazy("qgp.kit.gql.derived")]


def list_filter(kind: str) -> Any:
    """Make the filter of lists of a type: some of the rows, or none of them, fit."""
    texts = {"some": "At least one of them fits.", "none": "None of them that you see fits."}
    body: dict[str, Any] = {
        name: strawberry.field(default=UNSET, description=text) for name, text in texts.items()
    }
    hints = dict.fromkeys(texts, lazy_filter(kind) | None)
    module = "qgp.kit.gql.derived"
    filter_type = type(
        f"{kind}ListFilter", (), {**body, "__annotations__": hints, "__module__": module}
    )
    text = f"Conditions on the {kind} records of a list; all that are given must hold."
    return strawberry.input(filter_type, description=text)


def filters(model: type[Any]) -> Callable[[type[T]], type[T]]:
    """Declare the filter of a register; each field names a column of `model`."""

    def decorate(cls: type[T]) -> type[T]:
        combinators = {
            "and_": ("and", "All of these hold."),
            "or_": ("or", "At least one of these holds."),
            "not_": ("not", "This does not hold."),
        }
        for attribute, (name, description) in combinators.items():
            one = f"{cls.__name__} | None"
            several = f"list[{cls.__name__}] | None"
            cls.__annotations__[attribute] = one if name == "not" else several
            setattr(
                cls, attribute, strawberry.field(name=name, default=UNSET, description=description)
            )
        cls.model = model  # type: ignore[attr-defined]  # read by `conditions`
        text = f"Conditions on {one_of(model.__name__)}; all that are given must hold."
        return strawberry.input(cls, description=text)

    return decorate
