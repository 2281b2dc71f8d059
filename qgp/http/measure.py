"""How large an operation is once its fragments are expanded, without ever expanding them.

Each fragment is measured once, so the time is linear in the length of the document. The cost of
a field is 1, plus the cost of what it selects times the records it can return: the page asked for
(`first`, `last`) on a paged field, `UNPAGED` on a plain list. A connection multiplies once, at its
`edges` and `nodes`. Introspection reads no records, so there every field costs 1.
"""

from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLOutputType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_interface_type,
    is_list_type,
    is_object_type,
)

UNPAGED = 10
_NESTING = 100  # levels of braces; below what would exhaust the stack, above what `depth` allows
_ITEMS = frozenset({"edges", "nodes"})
_INTROSPECTION = frozenset({"__schema", "__type"})


class FragmentCycle(Exception):
    """A fragment spreads itself; the argument is its name."""


class NestedTooDeeply(Exception):
    """The braces of the document nest deeper than any operation within the limits can."""


@dataclass(slots=True)
class Size:
    """What a set of selections amounts to, fragments expanded.

    Attributes:
        depth: levels of fields, without those of introspection.
        width: fields of the set itself, without those below them.
        repeats: how often one set of braces names the same field at most.
        sensitive: how many of these are mutations that check a secret.
        cost: points whatever the page is.
        cost_per_item: points for each record of the connection that the set belongs to.
    """

    depth: int = 0
    introspection_depth: int = 0
    fields: int = 0
    width: int = 0
    aliases: int = 0
    directives: int = 0
    directives_per_location: int = 0
    repeats: int = 0
    sensitive: int = 0
    cost: int = 0
    cost_per_item: int = 0

    def add(self, other: "Size") -> None:
        """Join another set at the same level."""
        self.width += other.width
        self.sensitive += other.sensitive
        self.cost += other.cost
        self.cost_per_item += other.cost_per_item
        self.depth = max(self.depth, other.depth)
        self.add_below(other)

    def add_below(self, other: "Size") -> None:
        """Count what does not depend on the level it stands at."""
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)
        self.fields += other.fields
        self.aliases += other.aliases
        self.repeats = max(self.repeats, other.repeats)
        self.directives += other.directives
        self.directives_per_location = max(
            self.directives_per_location, other.directives_per_location
        )

    def decorate(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        """Count the directives of one location."""
        if directives:
            self.directives += len(directives)
            self.directives_per_location = max(self.directives_per_location, len(directives))


class Measure:
    """Measures the operations and fragments of one document.

    Args:
        variables: values of the request, by name; a page size may come from them.
        sensitive: names of the root mutations that check a secret.

    Attributes:
        page_variables: the variables that were looked at; every other one is of no consequence.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        variables: Mapping[str, Any],
        sensitive: Set[str],
        page_default: int,
        page_max: int,
    ) -> None:
        self.page_variables: set[str] = set()
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._variables = variables
        self._sensitive = sensitive
        self._page_default = page_default
        self._page_max = page_max
        self._known: dict[str, Size] = {}
        self._open: set[str] = set()

    def operation(self, node: OperationDefinitionNode) -> Size:
        """Return the size of an operation.

        Raises:
            FragmentCycle: a fragment spreads itself.
            NestedTooDeeply: the document is nothing but braces.
        """
        root = self._schema.get_root_type(node.operation)
        size = self._selections(node.selection_set, root, 1)
        size.decorate(node.directives)
        for variable in node.variable_definitions or ():
            size.decorate(variable.directives)
        return size

    def fragments(self) -> list[Size]:
        """Return the size of every fragment, also of one that no operation reaches."""
        return [self._fragment(name, 1) for name in self._fragments]

    def _selections(
        self, node: SelectionSetNode, parent: GraphQLNamedType | None, level: int
    ) -> Size:
        if level > _NESTING:
            raise NestedTooDeeply
        total = Size(repeats=_repeats(node))
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                self._add_field(total, selection, parent, level)
            elif isinstance(selection, InlineFragmentNode):
                on = selection.type_condition
                kind = self._schema.get_type(on.name.value) if on else parent
                total.add(self._selections(selection.selection_set, kind, level + 1))
            elif isinstance(selection, FragmentSpreadNode):
                total.add(self._fragment(selection.name.value, level + 1))
            total.decorate(selection.directives)
        return total

    def _fragment(self, name: str, level: int) -> Size:
        if name in self._open:
            raise FragmentCycle(name)
        if name not in self._known:
            node = self._fragments.get(name)
            if node is None:  # validation names it
                return Size()
            self._open.add(name)
            kind = self._schema.get_type(node.type_condition.name.value)
            size = self._selections(node.selection_set, kind, level)
            size.decorate(node.directives)
            self._open.discard(name)
            self._known[name] = size
        return self._known[name]

    def _add_field(
        self, total: Size, node: FieldNode, parent: GraphQLNamedType | None, level: int
    ) -> None:
        name = node.name.value
        field = _field(self._schema, parent, name)
        kind = get_named_type(field.type) if field else None
        below = self._selections(node.selection_set, kind, level + 1) if node.selection_set else _NO
        total.fields += 1
        total.width += 1
        total.aliases += node.alias is not None
        total.sensitive += parent is self._schema.mutation_type and name in self._sensitive
        total.add_below(below)
        introspects = _is_introspection(parent)
        total.depth = max(total.depth, 0 if introspects else 1 + below.depth)
        if introspects or name in _INTROSPECTION:
            total.introspection_depth = max(
                total.introspection_depth, 1 + below.introspection_depth
            )
            total.cost += 1 + below.cost
        elif _is_connection(parent) and name in _ITEMS:
            total.cost += 1
            total.cost_per_item += below.cost + below.cost_per_item
        else:
            total.cost += 1 + self._records(node, field, kind, below)

    def _records(
        self,
        node: FieldNode,
        field: GraphQLField | None,
        kind: GraphQLNamedType | None,
        below: Size,
    ) -> int:
        """Return the cost of what a field returns, all its records together."""
        if field is None or not node.selection_set:
            return 0
        if _is_connection(kind):
            return below.cost + self._page(node) * below.cost_per_item
        if {"first", "last"} & field.args.keys():
            return self._page(node) * below.cost
        return (UNPAGED if _is_list(field.type) else 1) * below.cost

    def _page(self, node: FieldNode) -> int:
        asked = [
            self._number(argument.value)
            for argument in node.arguments or ()
            if argument.name.value in {"first", "last"}
        ]
        return max(asked, default=self._page_default)

    def _number(self, value: ValueNode) -> int:
        number: object = None
        if isinstance(value, IntValueNode):
            number = int(value.value[:10])
        elif isinstance(value, VariableNode):
            self.page_variables.add(value.name.value)
            number = self._variables.get(value.name.value)
        return page_size(number, default=self._page_default, most=self._page_max)


_NO = Size()


def page_size(number: object, *, default: int, most: int) -> int:
    """Return a page size as it will be served; one that is out of range will be refused."""
    if not isinstance(number, int | float) or number < 0:
        return default
    return min(int(number), most)


def _field(
    schema: GraphQLSchema, parent: GraphQLNamedType | None, name: str
) -> GraphQLField | None:
    if is_object_type(parent) or is_interface_type(parent):
        return schema.get_field(parent, name)
    return None


def _repeats(node: SelectionSetNode) -> int:
    names = Counter(
        (field.alias or field.name).value
        for field in node.selections
        if isinstance(field, FieldNode)
    )
    return max(names.values(), default=0)


def _is_introspection(kind: GraphQLNamedType | None) -> bool:
    return kind is not None and kind.name.startswith("__")


def _is_connection(kind: GraphQLNamedType | None) -> bool:
    return is_object_type(kind) and "pageInfo" in kind.fields


def _is_list(kind: GraphQLOutputType) -> bool:
    return is_list_type(get_nullable_type(kind))
