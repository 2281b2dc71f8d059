"""Filter input types: operators per scalar, `and`, `or`, `not`, and relations."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.declarations import DECLARED, Expression, Number
from qgp.kit.loader import Links
from qgp.kit.names import plural
from qgp.kit.policy import Permission

T = TypeVar("T")
MOST_LEVELS, MOST_LEAVES, MOST_VALUES = 3, 50, 100


@strawberry.input(description="Conditions on a text; all of them must hold.")
class StringFilter:
    """Conditions on a text column."""

    eq: str | None = strawberry.field(
        default=UNSET, description="Equals this text, character by character."
    )
    in_: list[str] | None = strawberry.field(
        name="in", default=UNSET, description="Equals one of these texts; at most 100."
    )
    not_in: list[str] | None = strawberry.field(
        default=UNSET, description="Equals none of these texts, or is null; at most 100."
    )
    is_null: bool | None = strawberry.field(
        default=UNSET, description="Is null if true, is not null if false."
    )
    contains: str | None = strawberry.field(
        default=UNSET, description="Contains this text, ignoring case and accents."
    )
    starts_with: str | None = strawberry.field(
        default=UNSET, description="Starts with this text, ignoring case and accents."
    )


@strawberry.input(description="Conditions on an id; all of them must hold.")
class IDFilter:
    """Conditions on an id column."""

    eq: strawberry.ID | None = strawberry.field(default=UNSET, description="Is this record.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=UNSET, description="Is one of these records; at most 100."
    )
    not_in: list[strawberry.ID] | None = strawberry.field(
        default=UNSET, description="Is none of these records, or is null; at most 100."
    )
    is_null: bool | None = strawberry.field(
        default=UNSET, description="Is null if true, is not null if false."
    )


@strawberry.input(description="Conditions on a Boolean; all of them must hold.")
class BooleanFilter:
    """Conditions on a Boolean column."""

    eq: bool | None = strawberry.field(default=UNSET, description="Equals this value.")
    is_null: bool | None = strawberry.field(
        default=UNSET, description="Is null if true, is not null if false."
    )


@strawberry.input(description="Conditions on an enum value; all of them must hold.")
class EnumFilter(Generic[T]):
    """Conditions on an enumerated column."""

    eq: T | None = strawberry.field(default=UNSET, description="Equals this value.")
    in_: list[T] | None = strawberry.field(
        name="in", default=UNSET, description="Equals one of these values."
    )
    not_in: list[T] | None = strawberry.field(
        default=UNSET, description="Equals none of these values, or is null."
    )
    is_null: bool | None = strawberry.field(
        default=UNSET, description="Is null if true, is not null if false."
    )


def _ordered_filter(name: str, kind: Any, noun: str) -> Any:
    """Make the filter type of an ordered scalar."""
    descriptions = {
        "eq": "Equals this value.", "gt": "Greater, or later.",
        "gte": "Equal, greater or later.", "lt": "Less, or earlier.",
        "lte": "Equal, less or earlier.",
    }  # fmt: skip
    body: dict[str, Any] = {
        op: strawberry.field(default=UNSET, description=text) for op, text in descriptions.items()
    }
    body["in_"] = strawberry.field(
        name="in", default=UNSET, description="Equals one of these values."
    )
    body["not_in"] = strawberry.field(
        default=UNSET, description="Equals none of these values, or is null."
    )
    body["is_null"] = strawberry.field(
        default=UNSET, description="Is null if true, is not null if false."
    )
    several = dict.fromkeys(("in_", "not_in"), list[kind] | None)
    hints = {**dict.fromkeys(descriptions, kind | None), **several, "is_null": bool | None}
    filter_class = type(name, (), {**body, "__annotations__": hints, "__module__": __name__})
    return strawberry.input(
        share_annotations(filter_class), description=f"Conditions on {noun}; all of them must hold."
    )


IntFilter = _ordered_filter("IntFilter", int, "an integer")
DecimalFilter = _ordered_filter("DecimalFilter", Decimal, "a decimal number")
DateFilter = _ordered_filter("DateFilter", date, "a date")
DateTimeFilter = _ordered_filter("DateTimeFilter", datetime, "a date and time")


@dataclass(frozen=True)
class Related:
    """Relation that a filter field has conditions on; it requires the permission `read`.

    Attributes:
        key: the column that points at the related records, or `id` where they point at this one.
        read: the permission that the caller must hold.
        through: the column of the related records that `key` equals.
        only: conditions that define which records are related.
        links: query over link rows, where neither side points at the other; see `Linked`.
    """

    key: str
    read: Permission
    through: str = "id"
    only: tuple[sa.ColumnElement[bool], ...] = ()
    links: Links | None = None


def filter_field(description: str) -> Any:
    """Declare a filter field on the column of the same name."""
    return strawberry.field(default=UNSET, description=description)


def computed_filter_field(expression: Expression | Number, description: str) -> Any:
    """Declare a filter field on an SQL expression over the row, or on a number of records."""
    return strawberry.field(default=UNSET, description=description, metadata={DECLARED: expression})


def related(relation: Related, description: str) -> Any:
    """Declare a filter field on related records: it holds where one of them matches."""
    return strawberry.field(default=UNSET, description=description, metadata={DECLARED: relation})


def lazy_filter(kind: str, module: str = "qgp.kit.gql.derived") -> Any:
    """Return a lazy reference to the filter of a type, by the type's name; `module` makes it."""
    return Annotated[f"{kind}Filter", strawberry.lazy(module)]


def lazy_list_filter(kind: str) -> Any:
    """Return a lazy reference to the filter of lists of a type, by the type's name."""
    return Annotated[f"{kind}ListFilter", strawberry.lazy("qgp.kit.gql.derived")]


def list_filter(kind: str) -> Any:
    """Make the filter of lists of a type: `some` or `none` of the records match."""
    texts = {
        "some": "At least one record that you may read matches.",
        "none": "No record that you may read matches.",
    }
    body: dict[str, Any] = {
        name: strawberry.field(default=UNSET, description=text) for name, text in texts.items()
    }
    hints = dict.fromkeys(texts, lazy_filter(kind) | None)
    module = "qgp.kit.gql.derived"
    filter_type = type(
        f"{kind}ListFilter", (), {**body, "__annotations__": hints, "__module__": module}
    )
    text = f"Filter conditions for a list of {plural(kind)}; all of them must hold."
    return strawberry.input(share_annotations(filter_type), description=text)


def filters(model: type[Any]) -> Callable[[type[T]], type[T]]:
    """Declare the filter of a model; each field names one of its columns."""

    def decorate(cls: type[T]) -> type[T]:
        combinators = {
            "and_": ("and", "All of these conditions hold."),
            "or_": ("or", "At least one of these conditions holds."),
            "not_": ("not", "This condition does not hold."),
        }
        lazy: Any = Annotated[cls.__name__, strawberry.lazy(cls.__module__)]
        one, several = lazy | None, list[lazy] | None
        for attribute, (name, description) in combinators.items():
            cls.__annotations__[attribute] = one if name == "not" else several
            setattr(
                cls, attribute, strawberry.field(name=name, default=UNSET, description=description)
            )
        cls.model = model  # type: ignore[attr-defined]  # read by `conditions`
        text = f"Filter conditions for {plural(model.__name__)}; all of them must hold."
        return strawberry.input(share_annotations(cls), description=text)

    return decorate
