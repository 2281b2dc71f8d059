"""CollectFields of the specification (6.3.2), for what can be planned."""

from collections.abc import Iterable, Mapping

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionNode,
    is_abstract_type,
)
from graphql.execution.values import VariableValues, get_directive_values

Grouped = dict[str, list[FieldNode]]


class FieldCollector:
    """Groups selections by response name, in the order in which they first appear."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema, self._fragments, self._variables = schema, fragments, variables

    def of(self, kind: GraphQLObjectType, nodes: Iterable[FieldNode]) -> Grouped:
        """Return the fields that the nodes together select on objects of `kind`."""
        found: Grouped = {}
        seen: set[str] = set()
        for node in nodes:
            if node.selection_set:
                self._collect(kind, node.selection_set.selections, found, seen)
        return found

    def of_selections(
        self, kind: GraphQLObjectType, selections: Iterable[SelectionNode]
    ) -> Grouped:
        """Return the fields that a selection set selects on objects of `kind`."""
        found: Grouped = {}
        self._collect(kind, selections, found, set())
        return found

    def _collect(
        self,
        kind: GraphQLObjectType,
        selections: Iterable[SelectionNode],
        found: Grouped,
        seen: set[str],
    ) -> None:
        for node in selections:
            if not self._is_wanted(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment: FragmentDefinitionNode | InlineFragmentNode
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in seen:
                    continue
                seen.add(name)
                fragment = self._fragments[name]
            else:
                assert isinstance(node, InlineFragmentNode)
                fragment = node
            if self._applies(fragment, kind):
                self._collect(kind, fragment.selection_set.selections, found, seen)

    def _is_wanted(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not include or bool(include["if"])

    def _applies(
        self, fragment: FragmentDefinitionNode | InlineFragmentNode, kind: GraphQLObjectType
    ) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == kind.name:
            return True
        other = self._schema.get_type(condition.name.value)
        return is_abstract_type(other) and self._schema.is_sub_type(other, kind)
