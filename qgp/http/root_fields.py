"""Root fields of an operation, split by whether they need a sign-in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableDefinitionNode,
    VariableNode,
    is_non_null_type,
    located_error,
)
from strawberry.types.field import StrawberryField

from qgp.http.input_values import variables_used
from qgp.kit.errors import SIGN_IN_FIRST, Unauthenticated
from qgp.kit.gql.operation import Operation
from qgp.kit.gql.roots import Public

_SKIPS = {"skip": True, "include": False}  # the value of `if` that leaves a selection out


def root_fields(operation: Operation, variables: Mapping[str, Any]) -> Sequence[FieldNode]:
    """Return the root fields that run, in their order; each fragment is read once."""
    defaults = {
        one.variable.name.value: one.default_value
        for one in operation.node.variable_definitions or ()
    }
    values = {**defaults, **variables}
    fields, read = list[FieldNode](), set[str]()
    stack: list[SelectionNode] = [*reversed(operation.node.selection_set.selections)]
    while stack:
        selection = stack.pop()
        if _is_skipped(selection.directives or (), values):
            continue
        if isinstance(selection, FieldNode):
            fields.append(selection)
        elif isinstance(selection, InlineFragmentNode):
            stack += reversed(selection.selection_set.selections)
        elif isinstance(selection, FragmentSpreadNode) and selection.name.value not in read:
            read.add(selection.name.value)
            if fragment := operation.fragments.get(selection.name.value):
                stack += reversed(fragment.selection_set.selections)
    return fields


class SignInSplit:
    """Root fields of an anonymous operation, split by whether they need a sign-in.

    Attributes:
        refused: fields that need a sign-in, by response name.
        public: the other fields.
    """

    def __init__(
        self, schema: GraphQLSchema, operation: Operation, fields: Sequence[FieldNode]
    ) -> None:
        self._schema, self._operation = schema, operation
        root = schema.get_root_type(operation.node.operation)
        self._declared = {} if root is None else root.fields
        self._names = dict.fromkeys(_name(node) for node in fields)
        self.public = [node for node in fields if not self._is_refused(node)]
        self.refused: dict[str, FieldNode] = {}
        for node in fields:
            if self._is_refused(node):
                self.refused.setdefault(_name(node), node)

    @property
    def explores(self) -> bool:
        """Whether a public field is introspection, or unknown."""
        return any(node.name.value not in {*self._declared, "__typename"} for node in self.public)

    @cached_property
    def operation(self) -> Operation:
        """The operation without the refused fields and the variables that only they use."""
        whole = self._operation
        selections = SelectionSetNode(selections=tuple(self.public))
        used = variables_used(self._schema, replace(whole, node=_with(whole.node, selections, ())))
        definitions = tuple(
            one for one in whole.node.variable_definitions or () if one.variable.name.value in used
        )
        node = _with(whole.node, selections, definitions)
        document = DocumentNode(definitions=(node, *whole.fragments.values()))
        return replace(whole, document=document, node=node)

    def completed(self, result: ExecutionResult) -> ExecutionResult:
        """Add null and an error for each refused field, as its resolver would return."""
        errors = [
            located_error(Unauthenticated(SIGN_IN_FIRST), [node], [name])
            for name, node in self.refused.items()
        ]
        result.errors = [*errors, *(result.errors or ())]
        is_void = any(
            is_non_null_type(self._declared[node.name.value].type) for node in self.refused.values()
        )
        if is_void or result.data is None:
            result.data = None
        else:
            data = result.data
            result.data = {name: data.get(name) for name in self._names}
        return result

    def _is_refused(self, node: FieldNode) -> bool:
        field = self._declared.get(node.name.value)
        if field is None:  # introspection, or for validation to name
            return False
        definition: StrawberryField = field.extensions["strawberry-definition"]
        return not any(isinstance(extension, Public) for extension in definition.extensions)


def _name(node: FieldNode) -> str:
    return (node.alias or node.name).value


def _with(
    node: OperationDefinitionNode,
    selections: SelectionSetNode,
    definitions: tuple[VariableDefinitionNode, ...],
) -> OperationDefinitionNode:
    return OperationDefinitionNode(
        operation=node.operation,
        name=node.name,
        variable_definitions=definitions,
        directives=node.directives,
        selection_set=selections,
        loc=node.loc,
    )


def _is_skipped(directives: Sequence[DirectiveNode], values: Mapping[str, Any]) -> bool:
    for directive in directives:
        skips = _SKIPS.get(directive.name.value)
        for argument in directive.arguments or ():
            if skips is not None and _truth(argument.value, values) is skips:
                return True
    return False


def _truth(value: ValueNode, values: Mapping[str, Any]) -> bool | None:
    """Return the value of a Boolean literal or variable; None for anything else."""
    flag = values.get(value.name.value) if isinstance(value, VariableNode) else value
    if isinstance(flag, BooleanValueNode):
        return flag.value
    return flag if isinstance(flag, bool) else None
