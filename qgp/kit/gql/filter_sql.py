"""Filters as SQL: a filter is parsed to its shape and operands, and the shape to a condition.

Two filters of the same shape differ only in their operands, so one compiled statement serves both.
Resolvers bind the operands at once; planned reads have a parameter for each.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute
from strawberry import UNSET

from qgp.kit.gql.declarations import DECLARED, Number
from qgp.kit.gql.filter_operands import (
    PATTERNS,
    Column,
    decoder_of,
    normalizer_of,
    null_error,
    operand_of,
    pattern_of,
)
from qgp.kit.gql.filters import IDFilter, Related
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.policy import Principal
from qgp.kit.scopes import points_at_readable
from qgp.kit.text_keys import searched_by

Condition = sa.ColumnElement[bool]
Binder = Callable[[int, Any, sa.types.TypeEngine[Any]], sa.ColumnElement[Any]]


@dataclass(frozen=True)
class Comparison:
    """Comparison of a column; `place` is the index of the operand in the filter."""

    name: str
    operator: str
    place: int


@dataclass(frozen=True)
class NullTest:
    """Test whether a column is null."""

    name: str
    is_null: bool


@dataclass(frozen=True)
class FilterShape:
    """Shape of a filter: the conjunction of its comparisons and of its nested filters.

    Attributes:
        kind: the filter's class, which names the model.
        comparisons: comparisons and null tests.
        parts: nested filters, each with its field: `and_`, `or_`, `not_` or a relation.
    """

    kind: type
    comparisons: tuple[Comparison | NullTest, ...] = ()
    parts: tuple[tuple[str, Hashable], ...] = ()


@dataclass
class ParsedFilter:
    """Filter as shape and operands, in order; a shape of None has no condition."""

    shape: FilterShape | None = None
    operands: list[Any] = field(default_factory=list)


def parse_filter(filter: Any, caller: Principal, *path: str) -> ParsedFilter:
    """Parse a filter on behalf of a caller.

    Args:
        path: of the argument or field that holds it; the argument `filter` by default.

    Raises:
        Invalid: null in a field, or an id of another kind.
        Forbidden: it has conditions on related records that the caller may not read.
    """
    if not filter:
        return ParsedFilter()
    parser = _Parser(caller)
    return ParsedFilter(parser.shape(filter, *(path or ("filter",))), parser.operands)


def shape_conditions(
    shape: FilterShape | None, caller: Principal, bind: Binder
) -> Sequence[Condition]:
    """Return the SQL conditions of a shape, all of which must hold; `bind` makes its operands."""
    return [] if shape is None else [_Translator(caller, bind).condition(shape)]


def conditions(filter: Any, caller: Principal) -> Sequence[Condition]:
    """Return a filter as SQL conditions, all of which must hold.

    Raises:
        Invalid, Forbidden: see `parse_filter`.
    """
    parsed = parse_filter(filter, caller)
    return shape_conditions(
        parsed.shape,
        caller,
        lambda place, _, kind: sa.literal(parsed.operands[place], kind),
    )


class _Parser:
    """Parser of one filter, whose bounds were checked by `filter_bounds`."""

    def __init__(self, caller: Principal) -> None:
        self.operands: list[Any] = []
        self._caller = caller

    def shape(self, filter: Any, *path: str) -> FilterShape:
        """Return the shape of a filter."""
        comparisons: list[Comparison | NullTest] = []
        parts: list[tuple[str, Hashable]] = []
        for part in fields(filter):
            value = getattr(filter, part.name)
            if value is UNSET:
                continue
            where = (*path, to_camel(part.name))
            if value is None:
                raise null_error(where)
            if part.name in _JOINED:
                inner = [self.shape(one, *where, str(n)) for n, one in enumerate(value)]
                parts.append((part.name, tuple(inner)))
            elif part.name == "not_":
                parts.append((part.name, self.shape(value, *where)))
            elif isinstance(relation := part.metadata.get(DECLARED), Related):
                self._caller.require(relation.read)
                parts.append((part.name, self._related(value, where)))
            else:
                if relation is not None:
                    self._caller.require(relation.loader.read)
                column = part.name, _compared(filter.model, part, self._caller)
                comparisons += [
                    self._comparison(*column, one, value, where) for one in _sent_fields(value)
                ]
        return FilterShape(type(filter), tuple(comparisons), tuple(parts))

    def _related(self, value: Any, path: tuple[str, ...]) -> Hashable:
        """Return the quantifier (`some`, `none`) and shape of each filter of a relation."""
        if hasattr(value, "model"):
            return (("some", self.shape(value, *path)),)
        filters = [(name, getattr(value, name)) for name in _sent_fields(value)]
        if null := next((name for name, filter in filters if filter is None), None):
            raise null_error((*path, null))
        return tuple((name, self.shape(filter, *path, name)) for name, filter in filters)

    def _comparison(
        self, name: str, column: Column, operator: str, operators: Any, where: tuple[str, ...]
    ) -> Comparison | NullTest:
        path = (*where, to_camel(operator))
        decode = decoder_of(column) if isinstance(operators, IDFilter) else normalizer_of(column)
        operand = operand_of(getattr(operators, operator), decode, path)
        if operator == "is_null":
            return NullTest(name, operand)
        self.operands.append(pattern_of(operator, operand) if operator in PATTERNS else operand)
        return Comparison(name, operator, len(self.operands) - 1)


class _Translator:
    """Translation of a shape to SQL."""

    def __init__(self, caller: Principal, bind: Binder) -> None:
        self._caller, self._bind = caller, bind

    def condition(self, shape: FilterShape) -> Condition:
        """Return the condition that all comparisons and nested filters hold."""
        model = shape.kind.model  # type: ignore[attr-defined]  # set by `filters`
        parts = {part.name: part for part in fields(shape.kind)}
        conditions = [
            self._comparison(_compared(model, parts[one.name], self._caller), one)
            for one in shape.comparisons
        ]
        conditions += [self._part(shape.kind, model, name, part) for name, part in shape.parts]
        return sa.and_(sa.true(), *conditions)

    def _comparison(self, column: Column, comparison: Comparison | NullTest) -> Condition:
        is_column = isinstance(column, InstrumentedAttribute)
        is_shown = points_at_readable(column, self._caller) if is_column else None
        if is_shown is None:
            return self._compared(column, comparison)
        # A hidden record counts as no record: a filter must not reveal that it exists.
        if isinstance(comparison, NullTest):
            return is_shown.is_not(sa.true()) if comparison.is_null else is_shown
        if comparison.operator == "not_in":
            return sa.or_(self._compared(column, comparison), is_shown.is_not(sa.true()))
        return sa.and_(self._compared(column, comparison), is_shown)

    def _compared(self, column: Column, comparison: Comparison | NullTest) -> Condition:
        if isinstance(comparison, NullTest):
            return column.is_(None) if comparison.is_null else column.is_not(None)  # type: ignore[no-any-return]
        kind = column.type
        if comparison.operator in {"in_", "not_in"}:
            operands = self._bind(comparison.place, column, sa.ARRAY(kind))
            is_listed: Condition = column == sa.any_(operands)
            return is_listed if comparison.operator == "in_" else is_listed.is_not(sa.true())
        if comparison.operator in PATTERNS:
            return searched_by(column).like(self._bind(comparison.place, column, kind), escape="/")
        operand = self._bind(comparison.place, column, kind)
        return _OPERATORS[comparison.operator](column, operand)

    def _part(self, kind: Any, model: type[Record], name: str, part: Any) -> Condition:
        if name == "and_":
            return sa.and_(sa.true(), *map(self.condition, part))
        if name == "or_":
            return sa.or_(sa.false(), *map(self.condition, part))
        if name == "not_":
            # A null column makes a condition unknown, which counts as false.
            return self.condition(part).is_not(sa.true())
        relation = next(f for f in fields(kind) if f.name == name).metadata[DECLARED]
        matches = {name: self._related(model, relation, inner) for name, inner in part}
        return sa.and_(
            sa.true(),
            *[fits if name == "some" else fits.is_not(sa.true()) for name, fits in matches.items()],
        )

    def _related(self, model: type[Record], relation: Related, part: FilterShape) -> Condition:
        """Return the condition that a related record which the caller may read matches."""
        other: Any = part.kind.model  # type: ignore[attr-defined]  # set by `filters`
        limits = (self.condition(part), *relation.only, *relation.read.visible(self._caller))
        if relation.links is None:
            matching = sa.select(getattr(other, relation.through)).where(*limits)
        else:
            links = relation.links(self._caller, lambda column: column.is_not(None))
            matching = sa.select(links.c.key).join(other, other.id == links.c.id).where(*limits)
        points: Condition = getattr(model, relation.key).in_(matching.correlate(None))
        return points


def _compared(model: Any, part: Any, caller: Principal) -> Column:
    """Return the column or SQL expression that a field of a filter compares."""
    declared = part.metadata.get(DECLARED)
    if declared is None:
        return getattr(model, part.name)
    if isinstance(declared, Number):
        return declared.loader.expressed(model, caller)
    return declared.loader.make(model)


_JOINED = ("and_", "or_")
_OPERATORS: dict[str, Callable[[Column, sa.ColumnElement[Any]], Condition]] = {
    "eq": lambda column, operand: column == operand,
    "gt": lambda column, operand: column > operand,
    "gte": lambda column, operand: column >= operand,
    "lt": lambda column, operand: column < operand,
    "lte": lambda column, operand: column <= operand,
}


def _sent_fields(operators: Any) -> list[str]:
    return [part.name for part in fields(operators) if getattr(operators, part.name) is not UNSET]
