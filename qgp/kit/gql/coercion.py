"""Input coercion: malformed scalars of a mutation's input become errors in its payload.

A mistyped value, in a variable or in a literal, thus does not fail the whole document. Elsewhere,
as in a filter, a malformed scalar is refused at the top level, with its path.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    ArgumentNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionNode,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableNode,
    Visitor,
    VisitorAction,
    visit,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import VariableValues
from graphql.language import SKIP
from graphql.pyutils import Path
from graphql.utilities.validate_input_value import validate_input_literal, validate_input_value
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from qgp.kit.gql.malformed import collecting, errors_in


class CommandExecutor(StrawberryGraphQLCoreExecutionContext):
    """Executor of graphql-core that passes malformed scalars on to the mutation they are for."""

    @classmethod
    def build(cls, schema: GraphQLSchema, *args: Any, **options: Any) -> Any:
        """Coerce the variables; refuse malformed scalars that anything but a mutation uses."""
        with collecting() as malformed:
            executor = super().build(schema, *args, **options)
        if not malformed or (isinstance(executor, cls) and executor._is_for_commands()):
            return executor
        refused = super().build(schema, *args, **options)
        if isinstance(refused, list) and isinstance(executor, cls):
            _locate(refused, executor.variable_values)
        return refused

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> Any:
        """Coerce the literals of a mutation as leniently as its variables."""
        place = parent_type, source, field_details_list, path, position_context
        if parent_type is not self.schema.mutation_type:
            return super().execute_field(*place)
        with collecting():
            return super().execute_field(*place)

    def _is_for_commands(self) -> bool:
        """Whether every variable with a malformed scalar is used by root mutations alone."""
        if self.operation.operation is not OperationType.MUTATION:
            return False
        coerced = self.variable_values.coerced
        malformed = {name for name, value in coerced.items() if any(errors_in(value))}
        return malformed.isdisjoint(_used_below_roots(self.operation, self.fragment_definitions))


class InputLiteralsRule(ValuesOfCorrectTypeRule):
    """Validation rule: values have the correct type, malformed scalars of mutations excepted.

    An error about a scalar elsewhere has the scalar's path in its extensions.
    """

    def is_valid_value_node(
        self, node: ValueNode, input_type: GraphQLInputType | None
    ) -> VisitorAction:
        """Check a value and everything inside it."""
        if input_type is None:
            return SKIP

        def report(error: GraphQLError, path: list[str | int]) -> None:
            if error.extensions:
                error = GraphQLError(error.message, error.nodes or node)
                error.extensions = {"code": "BAD_USER_INPUT", "path": [*self._argument(), *path]}
            self.report_error(error)

        def check() -> None:
            hide = self.context.hide_suggestions
            validate_input_literal(node, input_type, report, None, None, hide)

        if self.context.get_parent_type() is self.context.schema.mutation_type:
            with collecting():
                check()
        else:
            check()
        return SKIP

    def _argument(self) -> list[str]:
        """Return the name of the value's argument; empty for the default of a variable."""
        field, argument = self.context.get_field_def(), self.context.get_argument()
        if field is None or argument is None:
            return []
        return [name for name, one in field.args.items() if one is argument]


def _locate(errors: list[GraphQLError], variables: VariableValues) -> None:
    """Add the path in the variables to the errors of their coercion, whose order is the same."""
    paths: list[list[str | int]] = []
    for name, source in variables.sources.items():

        def note(_: GraphQLError, path: list[str | int], name: str = name) -> None:
            paths.append([name, *path])

        validate_input_value(source.value, source.signature.type, note)
    if len(paths) == len(errors):
        for error, path in zip(errors, paths, strict=True):
            error.extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {}), "path": path}


class _Variables(Visitor):
    """Collector of the names of variables."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        """Collect the name."""
        self.names.add(node.name.value)


def _used_below_roots(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> set[str]:
    """Return the variables that are used anywhere but in an argument of a root field."""
    variables = _Variables()
    for node in _below_roots(operation, fragments):
        visit(node, variables)
    return variables.names


def _below_roots(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[ArgumentNode | DirectiveNode]:
    """Yield every directive, and every argument of a field that is no root field; each once."""
    pending: list[tuple[SelectionNode, bool]] = [
        (node, True) for node in operation.selection_set.selections
    ]
    spread: set[tuple[str, bool]] = set()
    while pending:
        node, is_root = pending.pop()
        yield from node.directives or ()
        inner = None
        if isinstance(node, FieldNode):
            if not is_root:
                yield from node.arguments or ()
            inner, is_root = node.selection_set, False
        elif isinstance(node, InlineFragmentNode):
            inner = node.selection_set
        elif isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if (name, is_root) not in spread:
                spread.add((name, is_root))
                inner = fragments[name].selection_set
        pending += [(one, is_root) for one in inner.selections] if inner else []
