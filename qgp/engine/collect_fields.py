"""CollectFields of the GraphQL specification (6.3.2)."""

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

GroupedFields = dict[str, list[FieldNode]]


class FieldCollector:
    """Groups the fields of selection sets by response name, in the order of first appearance."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
    ) -> None:
        self._schema, self._fragments, self._variables = schema, fragments, variables

    def subfields(self, type_: GraphQLObjectType, nodes: Iterable[FieldNode]) -> GroupedFields:
        """Return the fields that the nodes together select on objects of a type."""
        grouped: GroupedFields = {}
        visited: set[str] = set()
        for node in nodes:
            if node.selection_set:
                self._collect(type_, node.selection_set.selections, grouped, visited)
        return grouped

    def fields(
        self, type_: GraphQLObjectType, selections: Iterable[SelectionNode]
    ) -> GroupedFields:
        """Return the fields that a selection set selects on objects of a type."""
        grouped: GroupedFields = {}
        self._collect(type_, selections, grouped, set())
        return grouped

    def _collect(
        self,
        type_: GraphQLObjectType,
        selections: Iterable[SelectionNode],
        grouped: GroupedFields,
        visited: set[str],
    ) -> None:
        for node in selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                grouped.setdefault((node.alias or node.name).value, []).append(node)
                continue
            fragment: FragmentDefinitionNode | InlineFragmentNode
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in visited:
                    continue
                visited.add(name)
                fragment = self._fragments[name]
            else:
                assert isinstance(node, InlineFragmentNode)
                fragment = node
            if self._applies(fragment, type_):
                self._collect(type_, fragment.selection_set.selections, grouped, visited)

    def _is_included(self, node: SelectionNode) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self._variables)
        if skip and skip["if"]:
            return False
        include = get_directive_values(GraphQLIncludeDirective, node, self._variables)
        return not include or bool(include["if"])

    def _applies(
        self, fragment: FragmentDefinitionNode | InlineFragmentNode, type_: GraphQLObjectType
    ) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == type_.name:
            return True
        other = self._schema.get_type(condition.name.value)
        return is_abstract_type(other) and self._schema.is_sub_type(other, type_)
