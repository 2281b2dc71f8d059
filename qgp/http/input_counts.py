"""Input counts of a document: literals, defaults and uses of variables.

Fragments are never expanded: each is counted once and multiplied by the number of its spreads, so
the time is linear in the length of the document.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import (
    ArgumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLArgument,
    GraphQLError,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    ObjectValueNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)
from strawberry.types.field import StrawberryField

from qgp.http.limits import Limits
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.filter_bounds import is_filter
from qgp.kit.gql.inputs import InputField
from qgp.kit.gql.operation import Operation

Kind = GraphQLNamedType | None
Declared = GraphQLArgument | GraphQLInputField | None


@dataclass
class InputCounts:
    """Counts of a set of selections.

    Attributes:
        values: number of literals, and of the defaults of omitted arguments and fields.
        uses: uses of each variable.
        texts: maximum length of a text in each variable: the smallest among its uses.
        filters: filters among the arguments.
        spreads: spreads of each fragment.
    """

    values: int = 0
    uses: Counter[str] = field(default_factory=Counter)
    texts: dict[str, int] = field(default_factory=dict)
    filters: list[tuple[GraphQLInputObjectType, ArgumentNode]] = field(default_factory=list)
    spreads: Counter[str] = field(default_factory=Counter)

    def add(self, other: "InputCounts", times: int) -> None:
        """Add the counts of a fragment, as often as it is spread."""
        self.values += times * other.values
        for name, uses in other.uses.items():
            self.uses[name] += times * uses
            self.bound_text(name, other.texts[name])
        self.filters += other.filters

    def bound_text(self, name: str, most: int) -> None:
        """Lower the maximum length of a text in the variable."""
        self.texts[name] = min(most, self.texts.get(name, most))


class InputCounter:
    """Counts the input of one operation.

    Raises:
        GraphQLError: a list literal is longer than a list may be.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema, self._limits = schema, limits

    def operation(self, operation: Operation) -> InputCounts:
        """Return the counts of an operation, with its fragments expanded.

        Fragments in a circle are refused with the cost, before anything is converted.
        """
        root = self._schema.get_root_type(operation.node.operation)
        counts_by_name = {"": self._selections(operation.node.selection_set, root)}
        order, stack = list[str](), [("", iter(counts_by_name[""].spreads))]
        while stack:
            name, spreads = stack[-1]
            for spread in spreads:
                fragment = operation.fragments.get(spread)
                if spread not in counts_by_name and fragment is not None:
                    kind = self._schema.get_type(fragment.type_condition.name.value)
                    counts_by_name[spread] = self._selections(fragment.selection_set, kind)
                    stack.append((spread, iter(counts_by_name[spread].spreads)))
                    break
            else:
                order.append(name)
                stack.pop()
        return _total(counts_by_name, order)

    def value(self, counts: InputCounts, value: ValueNode, declared: Declared) -> None:
        """Count a literal, and the uses of variables in it."""
        stack: list[tuple[ValueNode, Declared]] = [(value, declared)]
        while stack:
            node, declared = stack.pop()
            if isinstance(node, VariableNode):
                counts.uses[node.name.value] += 1
                most = longest_text(declared, self._limits.text_characters)
                counts.bound_text(node.name.value, most)
                continue
            counts.values += 1
            if isinstance(node, ListValueNode):
                self._check_length(node)
                stack += [(item, declared) for item in node.values]
            elif isinstance(node, ObjectValueNode):
                kind = kind_of(declared)
                counts.values += defaults_beside(kind, {one.name.value for one in node.fields})
                stack += [(one.value, input_field(kind, one.name.value)) for one in node.fields]

    def _selections(self, node: SelectionSetNode, kind: Kind) -> InputCounts:
        """Count a set of selections with all nested ones, without the fragments."""
        counts = InputCounts()
        stack: list[tuple[SelectionSetNode, Kind]] = [(node, kind)]
        while stack:
            node, kind = stack.pop()
            for selection in node.selections:
                for directive in selection.directives or ():
                    for argument in directive.arguments or ():
                        self.value(counts, argument.value, None)
                if isinstance(selection, FieldNode):
                    below = self._field(counts, selection, kind)
                    if selection.selection_set:
                        stack.append((selection.selection_set, below))
                elif isinstance(selection, InlineFragmentNode):
                    on = selection.type_condition
                    inner = self._schema.get_type(on.name.value) if on else kind
                    stack.append((selection.selection_set, inner))
                elif isinstance(selection, FragmentSpreadNode):
                    counts.spreads[selection.name.value] += 1
        return counts

    def _field(self, counts: InputCounts, node: FieldNode, parent: Kind) -> Kind:
        """Count the arguments of a field; return the type that it selects from."""
        declared = None
        if is_object_type(parent) or is_interface_type(parent):
            declared = self._schema.get_field(parent, node.name.value)
        sent = set()
        for argument in node.arguments or ():
            sent.add(argument.name.value)
            definition = declared.args.get(argument.name.value) if declared else None
            self.value(counts, argument.value, definition)
            if is_filter(kind := kind_of(definition)):
                counts.filters.append((kind, argument))
        if declared is None:
            return None
        for name, definition in declared.args.items():
            if name not in sent and definition.default_value is not Undefined:
                counts.values += _default_size(definition.default_value)
        return get_named_type(declared.type)

    def _check_length(self, node: ListValueNode) -> None:
        if len(node.values) > (most := self._limits.list_items):
            raise GraphQLError(
                f"This list has {len(node.values):,} items; {most} are allowed. "
                "Send fewer at once.",
                node,
                extensions={"code": "BAD_USER_INPUT"},
            )


def longest_text(declared: Declared, usual: int) -> int:
    """Return the maximum length of a text in an argument or input field."""
    definition = declared and declared.extensions.get("strawberry-definition")
    rule = definition.metadata.get(DECLARED) if isinstance(definition, StrawberryField) else None
    return max(usual, rule.most) if isinstance(rule, InputField) else usual


def input_field(kind: Kind, name: str) -> Declared:
    """Return a field of an input object."""
    return kind.fields.get(name) if is_input_object_type(kind) else None


def kind_of(declared: Declared) -> Kind:
    """Return the named type of an argument or input field."""
    return get_named_type(declared.type) if declared else None


def defaults_beside(kind: Kind, sent: Any) -> int:
    """Count the defaults of the fields that an input object leaves out."""
    if not is_input_object_type(kind):
        return 0
    return sum(size for name, size in _defaults(kind).items() if name not in sent)


def _total(counts_by_name: Mapping[str, InputCounts], order: list[str]) -> InputCounts:
    """Add the counts; in the order, each name comes after the fragments that it spreads."""
    total, times = InputCounts(), Counter({"": 1})
    for name in reversed(order):
        total.add(counts_by_name[name], times[name])
        for spread, count in counts_by_name[name].spreads.items():
            times[spread] += times[name] * count
    return total


@lru_cache(1_024)
def _defaults(kind: GraphQLInputObjectType) -> Mapping[str, int]:
    """Return the sizes of the defaults that an input type declares, by field."""
    return {
        name: _default_size(declared.default_value)
        for name, declared in kind.fields.items()
        if declared.default_value is not Undefined
    }


def _default_size(value: Any) -> int:
    """Count the values in a default that the schema declares."""
    size, stack = 0, [value]
    while stack:
        one = stack.pop()
        size += 1
        stack += one if isinstance(one, list) else one.values() if isinstance(one, dict) else ()
    return size
