"""Query complexity: depth, fields and other counts of an operation with its fragments expanded.

The fragments are not expanded: each is measured once, so the time is linear in the length of the
document.
"""

from collections import Counter
from collections.abc import Set
from dataclasses import dataclass

from graphql import (
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)

from qgp.http.cost import field_of, is_introspection

_NESTING = 100  # levels of braces: less than exhausts the stack, more than `depth` allows
_INTROSPECTION = frozenset({"__schema", "__type"})


class FragmentCycle(Exception):
    """A fragment spreads itself; the argument is its name."""


class NestedTooDeeply(Exception):
    """The document nests more levels of braces than any operation within the limits."""


@dataclass(slots=True)
class Complexity:
    """Counts of a set of selections with its fragments expanded.

    Attributes:
        depth: levels of fields, without those of introspection.
        width: fields of the set itself, without those below them.
        repeats: most occurrences of the same field in one set of braces.
        sensitive: fields of the set that are mutations which check a secret.
        spreads: spreads of fragments, those within other fragments too.
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
    spreads: int = 0

    def add(self, other: "Complexity") -> None:
        """Add another set at the same level."""
        self.width += other.width
        self.sensitive += other.sensitive
        self.depth = max(self.depth, other.depth)
        self.add_below(other)

    def add_below(self, other: "Complexity") -> None:
        """Add the counts that do not depend on the level."""
        self.introspection_depth = max(self.introspection_depth, other.introspection_depth)
        self.fields += other.fields
        self.spreads += other.spreads
        self.aliases += other.aliases
        self.repeats = max(self.repeats, other.repeats)
        self.directives += other.directives
        self.directives_per_location = max(
            self.directives_per_location, other.directives_per_location
        )

    def add_directives(self, directives: tuple[DirectiveNode, ...] | None) -> None:
        """Count the directives of one location."""
        if directives:
            self.directives += len(directives)
            self.directives_per_location = max(self.directives_per_location, len(directives))


class ComplexityMeter:
    """Measures the operations and fragments of one document.

    Args:
        sensitive: names of the root mutations that check a secret.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        sensitive: Set[str],
    ) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._sensitive = sensitive
        self._measured: dict[str, Complexity] = {}
        self._measuring: set[str] = set()

    def operation(self, node: OperationDefinitionNode) -> Complexity:
        """Return the complexity of an operation.

        Raises:
            FragmentCycle: a fragment spreads itself.
            NestedTooDeeply: the document nests too many levels of braces.
        """
        root = self._schema.get_root_type(node.operation)
        size = self._selections(node.selection_set, root, 1)
        size.add_directives(node.directives)
        for variable in node.variable_definitions or ():
            size.add_directives(variable.directives)
        return size

    def fragments(self) -> list[Complexity]:
        """Return the complexity of every fragment, also of one that no operation spreads."""
        return [self._fragment(name, 1) for name in self._fragments]

    def _selections(
        self, node: SelectionSetNode, parent: GraphQLNamedType | None, level: int
    ) -> Complexity:
        if level > _NESTING:
            raise NestedTooDeeply
        total = Complexity(repeats=_repeats(node))
        for selection in node.selections:
            if isinstance(selection, FieldNode):
                self._add_field(total, selection, parent, level)
            elif isinstance(selection, InlineFragmentNode):
                on = selection.type_condition
                kind = self._schema.get_type(on.name.value) if on else parent
                total.add(self._selections(selection.selection_set, kind, level + 1))
            elif isinstance(selection, FragmentSpreadNode):
                total.add(self._fragment(selection.name.value, level + 1))
                total.spreads += 1
            total.add_directives(selection.directives)
        return total

    def _fragment(self, name: str, level: int) -> Complexity:
        if name in self._measuring:
            raise FragmentCycle(name)
        if name not in self._measured:
            node = self._fragments.get(name)
            if node is None:  # validation names it
                return Complexity()
            self._measuring.add(name)
            kind = self._schema.get_type(node.type_condition.name.value)
            size = self._selections(node.selection_set, kind, level)
            size.add_directives(node.directives)
            self._measuring.discard(name)
            self._measured[name] = size
        return self._measured[name]

    def _add_field(
        self, total: Complexity, node: FieldNode, parent: GraphQLNamedType | None, level: int
    ) -> None:
        name = node.name.value
        field = field_of(self._schema, parent, name)
        kind = get_named_type(field.type) if field else None
        below = self._selections(node.selection_set, kind, level + 1) if node.selection_set else _NO
        total.fields += 1
        total.width += 1
        total.aliases += node.alias is not None
        total.sensitive += parent is self._schema.mutation_type and name in self._sensitive
        total.add_below(below)
        introspects = is_introspection(parent)
        total.depth = max(total.depth, 0 if introspects else 1 + below.depth)
        if introspects or name in _INTROSPECTION:
            total.introspection_depth = max(
                total.introspection_depth, 1 + below.introspection_depth
            )


_NO = Complexity()


def _repeats(node: SelectionSetNode) -> int:
    names = Counter(
        (field.alias or field.name).value
        for field in node.selections
        if isinstance(field, FieldNode)
    )
    return max(names.values(), default=0)
