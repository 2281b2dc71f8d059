"""Typed filters: `and`, `or`, `not`, operators per field, filters of related records."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import Enum
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit import ids
from qgp.kit.errors import Invalid
from qgp.kit.gql.fields import DECLARED
from qgp.kit.model import Record, records
from qgp.kit.names import to_camel
from qgp.kit.policy import Permission, Principal
from qgp.kit.texts import LONGEST, composed

T = TypeVar("T")
MOST_LEVELS, MOST_LEAVES, MOST_VALUES = 3, 50, 100
Column = Any  # an instrumented attribute of any type


@strawberry.input(description="Conditions on a text; all that are given must hold.")
class StringFilter:
    """Conditions on a text column."""

    eq: str | None = strawberry.field(default=UNSET, description="Equals, letter by letter.")
    in_: list[str] | None = strawberry.field(
        name="in", default=UNSET, description="Equals one of these; at most 100."
    )
    is_null: bool | None = strawberry.field(default=UNSET, description="Is, or is not, empty.")
    contains: str | None = strawberry.field(default=UNSET, description="Contains, in any case.")
    starts_with: str | None = strawberry.field(default=UNSET, description="Starts with exactly.")


@strawberry.input(description="Conditions on an id; all that are given must hold.")
class IDFilter:
    """Conditions on an id column."""

    eq: strawberry.ID | None = strawberry.field(default=UNSET, description="Is this record.")
    in_: list[strawberry.ID] | None = strawberry.field(
        name="in", default=UNSET, description="Is one of these records; at most 100."
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
    is_null: bool | None = strawberry.field(default=UNSET, description="Is, or is not, empty.")


def _ordered(name: str, kind: Any, what: str) -> Any:
    """Make the operators of an ordered scalar."""
    told = {
        "eq": "Equals.", "gt": "After, or more than.", "gte": "At, or after.",
        "lt": "Before, or less than.", "lte": "At, or before.",
    }  # fmt: skip
    body: dict[str, Any] = {
        op: strawberry.field(default=UNSET, description=text) for op, text in told.items()
    }
    body["in_"] = strawberry.field(name="in", default=UNSET, description="Equals one of these.")
    body["is_null"] = strawberry.field(default=UNSET, description="Is, or is not, empty.")
    hints = dict.fromkeys(told, kind | None) | {"in_": list[kind] | None, "is_null": bool | None}
    made = type(name, (), {**body, "__annotations__": hints, "__module__": __name__})
    return strawberry.input(made, description=f"Conditions on {what}; all given must hold.")


IntFilter = _ordered("IntFilter", int, "a whole number")
DateFilter = _ordered("DateFilter", date, "a calendar day")
DateTimeFilter = _ordered("DateTimeFilter", datetime, "an instant")


@dataclass(frozen=True)
class Related:
    """A filter field on the record that column `key` points at, if the caller may read those."""

    key: str
    read: Permission


def where(description: str) -> Any:
    """A filter field on the column of the same name."""
    return strawberry.field(default=UNSET, description=description)


def related(key: str, read: Permission, description: str) -> Any:
    """A filter field on the record that column `key` points at."""
    return strawberry.field(
        default=UNSET, description=description, metadata={DECLARED: Related(key, read)}
    )


_DATES = {
    "created_at": "When it was created.",
    "updated_at": "When it was last changed; `gte` finds what changed since.",
}


def filters(model: type[Record]) -> Callable[[type[T]], type[T]]:
    """Declare the filter of a register; each field names a column of `model`.

    Every register can be asked for what came or changed since an instant.
    """

    def decorate(cls: type[T]) -> type[T]:
        for attribute, description in _DATES.items():
            cls.__annotations__[attribute] = DateTimeFilter | None
            setattr(cls, attribute, where(description))
        told = {
            "and_": ("and", "All of these hold."),
            "or_": ("or", "At least one of these holds."),
            "not_": ("not", "This does not hold."),
        }
        for attribute, (name, description) in told.items():
            one = f"{cls.__name__} | None"
            several = f"list[{cls.__name__}] | None"
            cls.__annotations__[attribute] = one if name == "not" else several
            setattr(
                cls, attribute, strawberry.field(name=name, default=UNSET, description=description)
            )
        cls.model = model  # type: ignore[attr-defined]  # read by `condition`
        text = f"Conditions on a {model.__name__}; all that are given must hold."
        return strawberry.input(cls, description=text)

    return decorate


def conditions(given: Any, caller: Principal) -> list[sa.ColumnElement[bool]]:
    """Turn a filter into SQL conditions, all of which must hold.

    Raises:
        Invalid: more than 3 levels or 50 leaves, or an id of another kind.
        Forbidden: it looks at related records that the caller may not read.
    """
    return [_Reading(caller).all(given, 1)] if given else []


class _Reading:
    """Reads one filter on behalf of a caller, and counts what it holds."""

    def __init__(self, caller: Principal) -> None:
        self._caller = caller
        self._leaves = 0

    def all(self, given: Any, level: int) -> sa.ColumnElement[bool]:
        """Return the condition that every field of the filter holds."""
        if level > MOST_LEVELS:
            raise Invalid(f"A filter nests at most {MOST_LEVELS} levels.", "filter")
        found: list[sa.ColumnElement[bool]] = []
        for part in fields(given):
            value = getattr(given, part.name)
            if value is None or value is UNSET:
                continue
            if part.name == "and_":
                found.append(sa.and_(sa.true(), *[self.all(one, level + 1) for one in value]))
            elif part.name == "or_":
                found.append(sa.or_(sa.false(), *[self.all(one, level + 1) for one in value]))
            elif part.name == "not_":
                # An empty column leaves a condition unknown; unknown does not hold.
                found.append(self.all(value, level + 1).is_not(sa.true()))
            elif (relation := part.metadata.get(DECLARED)) is not None:
                found.append(self._related(given.model, relation, value, level))
            else:
                found.extend(self._leaf(getattr(given.model, part.name), value, part.name))
        return sa.and_(sa.true(), *found)

    def _related(
        self, model: type[Record], relation: Related, value: Any, level: int
    ) -> sa.ColumnElement[bool]:
        """Look only at related records that the caller could read as well."""
        self._caller.require(relation.read)
        other = value.model
        fitting = sa.select(other.id).where(
            self.all(value, level + 1), *relation.read.visible(self._caller)
        )
        points: sa.ColumnElement[bool] = getattr(model, relation.key).in_(fitting.correlate(None))
        return points

    def _leaf(self, column: Column, operators: Any, name: str) -> list[sa.ColumnElement[bool]]:
        found = []
        for part in fields(operators):
            value = getattr(operators, part.name)
            if value is UNSET:
                continue
            self._leaves += 1
            if self._leaves > MOST_LEAVES:
                raise Invalid(f"A filter holds at most {MOST_LEAVES} conditions.", "filter")
            path = ("filter", to_camel(name), to_camel(part.name))
            prefix = _prefix(column) if isinstance(operators, IDFilter) else None
            found.append(_OPERATORS[part.name](column, _operand(value, prefix, path)))
        return found


def _operand(value: Any, prefix: str | None, path: tuple[str, ...]) -> Any:
    """Return what a column is compared with: composed texts, decoded ids, never null.

    Raises:
        Invalid: it is null, a list of more than 100, or an id of another kind.
    """
    if value is None:
        raise Invalid("Nothing equals null. Leave the condition out, or use `isNull`.", *path)
    if isinstance(value, list):
        if len(value) > MOST_VALUES:
            told = f"List at most {MOST_VALUES} values; these are {len(value)}."
            raise Invalid(told, *path)
        return [_operand(one, prefix, path) for one in value]
    if not isinstance(value, str) or isinstance(value, Enum):
        return value
    return ids.decode(prefix, value, *path) if prefix else composed(value, LONGEST, *path)


def _prefix(column: Column) -> str:
    """Return the prefix of the ids that a column holds."""
    target = column.property.columns[0].info.get("ref")
    prefix: str = records()[target].prefix if target else column.class_.prefix
    return prefix


_OPERATORS: dict[str, Callable[[Column, Any], sa.ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "in_": lambda column, value: column.in_(value),
    "is_null": lambda column, value: column.is_(None) if value else column.is_not(None),
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "contains": lambda column, value: column.icontains(value, autoescape=True),
    "starts_with": lambda column, value: column.startswith(value, autoescape=True),
}


def told(given: Any) -> Any:
    """Return the plain form of a filter, to bind cursors to it."""
    if isinstance(given, Enum):
        return given.value
    if given is None or isinstance(given, str | int | bool):
        return given
    if given is UNSET:
        return None
    if isinstance(given, list):
        return [told(one) for one in given]
    if isinstance(given, datetime | date):
        return given.isoformat()
    parts = {part.name: told(getattr(given, part.name)) for part in fields(given)}
    return {name: value for name, value in parts.items() if value is not None}
