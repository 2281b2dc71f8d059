"""Cost of an operation in points: its fields times their rows, merged as the executor merges them.

A field costs 1, the price of its filters, and what it selects times its rows: the page of a
connection, the declared bound of a plain list. Introspection reads no records: a field costs 1.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from graphql import (
    FieldNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLSchema,
    SelectionSetNode,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

from qgp.http.argument_values import ArgumentValues, Purpose, Reader
from qgp.http.limits import Limits
from qgp.kit.gql.bounds import bound_of
from qgp.kit.gql.operation import Operation

_COSTS = 64  # cached costs of one operation, by the values of its variables
_ITEMS = frozenset({"edges", "nodes"})

Selected = tuple[SelectionSetNode, GraphQLNamedType | None]
Merged = list[tuple[FieldNode, GraphQLNamedType | None]]


class Cost(NamedTuple):
    """Cost of an operation, with its costliest part.

    Attributes:
        points: the cost.
        path: response names down to the costliest list or filter; empty if there is none.
        share: points of the field at `path` and everything below it.
    """

    points: int
    path: tuple[str, ...] = ()
    share: int = 0


class OperationCost:
    """Cost of one operation, cached by the values of the variables that it depends on.

    The operation is within the limits of expanded fields and spreads, which bound the work.
    """

    def __init__(
        self, schema: Callable[[], GraphQLSchema], operation: Operation, limits: Limits
    ) -> None:
        self._schema, self._operation, self._limits = schema, operation, limits
        self._defaults: Mapping[str, Any] = {
            definition.variable.name.value: definition.default_value
            for definition in operation.node.variable_definitions or ()
        }
        self._readers: dict[Purpose, Reader] | None = None
        self._costs: dict[tuple[int, ...], Cost] = {}

    def of(self, variables: Mapping[str, Any]) -> Cost:
        """Return the cost with the variables of a request."""
        cost = None
        if self._readers is not None:
            cost = self._costs.get(self._numbers(self._readers, variables))
        return cost or self._measure(variables)

    def _numbers(
        self, readers: Mapping[Purpose, Reader], variables: Mapping[str, Any]
    ) -> tuple[int, ...]:
        defaults = self._defaults
        return tuple(
            read(variables.get(name, defaults.get(name))) for (name, _), read in readers.items()
        )

    def _measure(self, variables: Mapping[str, Any]) -> Cost:
        values = ArgumentValues(
            {**self._defaults, **variables},
            page_default=self._limits.page_default,
            page_max=self._limits.page_max,
        )
        cost = _CostMeter(self._schema(), self._operation, values).operation()
        readers = {**(self._readers or {}), **values.readers}
        if self._readers is None or len(readers) > len(self._readers) or len(self._costs) >= _COSTS:
            self._readers = readers
            self._costs.clear()
        self._costs[self._numbers(readers, variables)] = cost
        return cost


class _CostMeter:
    """Measures one operation under one set of variables."""

    def __init__(self, schema: GraphQLSchema, operation: Operation, values: ArgumentValues) -> None:
        self._schema, self._operation, self._values = schema, operation, values

    def operation(self) -> Cost:
        """Return the cost of the operation."""
        node = self._operation.node
        root = self._schema.get_root_type(node.operation)
        return self._selections([(node.selection_set, root)], rows=1, page=1)

    def _selections(self, selected: list[Selected], *, rows: int, page: int) -> Cost:
        """Return the cost of the rows of a field.

        Args:
            selected: the selection sets of all fields with the one response name.
            rows: rows of the field.
            page: rows of the connection, where the field is one.
        """
        groups: dict[str, Merged] = {}
        spread: set[str] = set()
        for node, parent in selected:
            self._collect(node, parent, groups, spread)
        costs = [self._field(name, group, page) for name, group in groups.items()]
        heaviest = max(costs, key=lambda cost: cost.points, default=Cost(0))
        points = sum(cost.points for cost in costs)
        return Cost(rows * points, heaviest.path, rows * heaviest.share)

    def _collect(
        self,
        node: SelectionSetNode,
        parent: GraphQLNamedType | None,
        groups: dict[str, Merged],
        spread: set[str],
    ) -> None:
        """Group the fields by response name, each fragment once, without skipped ones."""
        for selection in node.selections:
            if self._values.skips(selection.directives):
                continue
            if isinstance(selection, FieldNode):
                name = (selection.alias or selection.name).value
                groups.setdefault(name, []).append((selection, parent))
                continue
            part: Any = selection
            if isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                part = self._operation.fragments.get(name)
                if part is None or name in spread:
                    continue
                spread.add(name)
            condition = part.type_condition
            kind = self._schema.get_type(condition.name.value) if condition else parent
            self._collect(part.selection_set, kind, groups, spread)

    def _field(self, name: str, group: Merged, page: int) -> Cost:
        """Return the cost of the fields that share a response name, which are executed as one."""
        selected: list[Selected] = []
        rows = page_below = price = 0
        for node, parent in group:
            field = field_of(self._schema, parent, node.name.value)
            kind = get_named_type(field.type) if field else None
            if node.selection_set:
                selected.append((node.selection_set, kind))
            if field is None or is_introspection(parent):
                rows = max(rows, 1)
                continue
            price = max(price, self._values.price(node, field))
            is_item = is_connection(parent) and node.name.value in _ITEMS
            rows = max(rows, page if is_item else self._rows(node, field))
            if is_connection(kind):
                page_below = max(page_below, self._values.page(node))
        below = self._selections(selected, rows=rows, page=page_below)
        multiplies = page_below > 1 or (rows > 1 and not is_item)
        return _joined(name, price, below, multiplies=multiplies)

    def _rows(self, node: FieldNode, field: GraphQLField) -> int:
        """Return the rows of a field outside of a connection."""
        if not _is_list(field.type):
            return 1
        bound = bound_of(field)
        if bound is None:
            return self._values.page_max
        if bound.argument is None:
            return bound.most
        return min(bound.most, self._values.items(node, bound.argument))


def _joined(name: str, price: int, below: Cost, *, multiplies: bool) -> Cost:
    """Return the cost of a field and everything below it."""
    points = 1 + price + below.points
    if below.path and below.points >= price:
        return Cost(points, (name, *below.path), below.share)
    return Cost(points, (name,) if multiplies or price else (), points)


def field_of(
    schema: GraphQLSchema, parent: GraphQLNamedType | None, name: str
) -> GraphQLField | None:
    """Return the field of that name, or None if the type has none."""
    if is_object_type(parent) or is_interface_type(parent):
        return schema.get_field(parent, name)
    return None


def is_introspection(kind: GraphQLNamedType | None) -> bool:
    """Whether the type is one of introspection."""
    return kind is not None and kind.name.startswith("__")


def is_connection(kind: GraphQLNamedType | None) -> bool:
    """Whether the type is a connection."""
    return is_object_type(kind) and "pageInfo" in kind.fields


def _is_list(kind: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(kind))
