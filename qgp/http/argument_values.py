"""Argument values that the cost depends on: page sizes, list lengths and filters."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeGuard

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    ObjectValueNode,
    VariableNode,
    get_named_type,
    is_input_object_type,
)

RELATION = 10  # points of a filter on related records, beside its conditions

Value = Any  # JSON of the request, or a node of the document
Reader = Callable[[Value], int]
Purpose = tuple[str, str]  # the name of a variable, and what it is read for
_JOINING = frozenset({"and", "or", "not"})
_FALSE, _TRUE, _UNKNOWN = range(3)
_ABSENT = -1


class ArgumentValues:
    """Values of the arguments of one operation that its cost depends on.

    Args:
        variables: values by name; a default is the node of the document.

    Attributes:
        readers: reader of each variable that the cost depends on.
        page_max: maximum of rows of a page.
    """

    def __init__(self, variables: Mapping[str, Value], *, page_default: int, page_max: int) -> None:
        self.readers: dict[Purpose, Reader] = {}
        self._variables = variables
        self._numbers: dict[Purpose, int] = {}
        self.page_max = page_max
        self._page_default = page_default
        self._page_size = partial(page_size, default=page_default, most=page_max)

    def page(self, node: FieldNode) -> int:
        """Return the page size that `first` or `last` requests."""
        sizes = [
            self._number(argument.value, "page", self._page_size)
            for argument in node.arguments or ()
            if argument.name.value in {"first", "last"}
        ]
        size = max(sizes, default=_ABSENT)
        return self._page_default if size == _ABSENT else size

    def items(self, node: FieldNode, name: str) -> int:
        """Return the number of items of a list argument."""
        for argument in node.arguments or ():
            if argument.name.value == name:
                return self._number(argument.value, "items", _length)
        return 0

    def skips(self, directives: Sequence[DirectiveNode] | None) -> bool:
        """Whether `@skip` or `@include` excludes the selection."""
        skipping = {"skip": _TRUE, "include": _FALSE}
        return any(
            self._number(argument.value, "condition", _truth) == skipping[directive.name.value]
            for directive in directives or ()
            if directive.name.value in skipping
            for argument in directive.arguments or ()
            if argument.name.value == "if"
        )

    def price(self, node: FieldNode, field: GraphQLField) -> int:
        """Return the points of a field's filters."""
        points = 0
        for argument in node.arguments or ():
            declared = field.args.get(argument.name.value)
            kind = get_named_type(declared.type) if declared else None
            if _is_filter(kind):
                points += filter_price(kind, argument.value, self._number)
        return points

    def _number(self, value: Value, purpose: str, read: Reader) -> int:
        """Return the number of a value by its reader; a variable is read once per purpose."""
        if not isinstance(value, VariableNode):
            return read(value)
        key = (value.name.value, purpose)
        if key not in self._numbers:
            self.readers[key] = read
            self._numbers[key] = read(self._variables.get(value.name.value))
        return self._numbers[key]


def _read(value: Value, _: str, read: Reader) -> int:
    return read(value)


def filter_price(
    kind: GraphQLInputObjectType,
    value: Value,
    number: Callable[[Value, str, Reader], int] = _read,
) -> int:
    """Return the points of a filter, or of a list of them.

    A condition costs 1 for each value that it compares with, and a filter on related records
    `RELATION` more. Fields that the type does not have cost nothing: coercion refuses them.

    Args:
        number: reads a value that may be a variable.
    """
    if isinstance(value, VariableNode):
        return number(value, f"filter {kind.name}", partial(filter_price, kind))
    return sum(_object_price(kind, item, number) for item in _items(value))


def _object_price(
    kind: GraphQLInputObjectType,
    value: Value,
    number: Callable[[Value, str, Reader], int],
) -> int:
    points = 0
    for name, part in _entries(value):
        if (field := kind.fields.get(name)) is None:
            continue
        inner = get_named_type(field.type)
        if is_input_object_type(inner):
            points += RELATION * (_is_filter(inner) and name not in _JOINING)
            points += filter_price(inner, part, number)
        else:
            points += max(1, number(part, "items", _length))
    return points


def page_size(value: Value, *, default: int, most: int) -> int:
    """Return the effective page size, `_ABSENT` for a null or a variable without value.

    A size out of range, which its resolver refuses, counts as the default.
    """
    if value is None or isinstance(value, NullValueNode):
        return _ABSENT
    number = int(value.value[:10]) if isinstance(value, IntValueNode) else value
    if not isinstance(number, int | float) or number < 0:
        return default
    return min(int(number), most)


def _is_filter(kind: GraphQLNamedType | None) -> TypeGuard[GraphQLInputObjectType]:
    """Whether an input type is a filter of records."""
    return is_input_object_type(kind) and kind.fields.keys() >= _JOINING


def _truth(value: Value) -> int:
    truth = value.value if isinstance(value, BooleanValueNode) else value
    if not isinstance(truth, bool):
        return _UNKNOWN
    return _TRUE if truth else _FALSE


def _length(value: Value) -> int:
    return len(_items(value))


def _items(value: Value) -> Sequence[Value]:
    """Return the items of a list; a single value stands for a list of one."""
    if isinstance(value, list):
        return value
    if isinstance(value, ListValueNode):
        return value.values
    return () if value is None or isinstance(value, NullValueNode) else (value,)


def _entries(value: Value) -> Iterable[tuple[str, Value]]:
    if isinstance(value, dict):
        return value.items()
    if isinstance(value, ObjectValueNode):
        return [(field.name.value, field.value) for field in value.fields]
    return ()
