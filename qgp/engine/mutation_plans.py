"""Plans of mutations: one command, and the JSON of the payload that shows its success."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    VariableNode,
    get_named_type,
    type_from_ast,
)
from graphql.execution.values import VariableValues

from qgp.engine.collect_fields import FieldCollector
from qgp.engine.constants import to_json
from qgp.engine.declared_fields import declaration_of, field_of, python_name
from qgp.engine.plan import Unplannable
from qgp.engine.plan_cache import CachedPlan, PlanCache, boolean_variables
from qgp.kit.access import Access
from qgp.kit.gql.command import Command
from qgp.kit.gql.command_types import RECORD_ID
from qgp.kit.gql.declarations import Relation
from qgp.kit.gql.input_readers import InputReader, Unusual
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache

MAX_OPERATIONS, MAX_PLANS = 256, 1_024


@dataclass(frozen=True, eq=False)
class RootCommand:
    """The command that is the only root field of a mutation.

    Attributes:
        variable: the operation's only variable, if it is the whole input; otherwise None.
        read: reader of the input; None where there is none.
    """

    command: Command
    definition: GraphQLField
    node: FieldNode
    variable: str | None
    read: InputReader | None

    @property
    def name(self) -> str:
        """The mutation."""
        return self.node.name.value


@dataclass(frozen=True, eq=False)
class MutationPlan:
    """Plan of a mutation that is one command.

    Attributes:
        template: JSON of `data` after a success, with a place for the record if one is selected;
            None if only the resolvers can show the payload.
        record: plan of the record; None where none is selected.
        reason: why the resolvers have to show the payload.
    """

    template: bytes | None
    record: CachedPlan | None = None
    reason: str = ""


@dataclass
class _Payload:
    """Fields of a payload, as far as they are planned."""

    parts: list[str] = field(default_factory=list)
    record: CachedPlan | None = None


class MutationPlans:
    """The plans of mutations of one process.

    Args:
        plans: the plans of fields, those of records in payloads among them.
    """

    def __init__(self, core: GraphQLSchema, plans: PlanCache) -> None:
        assert core.mutation_type is not None
        self._core, self._plans, self._mutation = core, plans, core.mutation_type
        self._cache: LRUCache[MutationPlan] = LRUCache(MAX_PLANS)
        self.root_command = lru_cache(MAX_OPERATIONS)(self._root_command)
        self._reader = cache(_reader)

    def _root_command(self, operation: Operation) -> RootCommand | None:
        """Return the command of a mutation.

        None if it has several root fields, a fragment, or a command that takes a signature.
        """
        [node, *others] = operation.node.selection_set.selections
        if others or not isinstance(node, FieldNode):
            return None
        definition = self._mutation.fields.get(node.name.value)
        declared = None if definition is None else declaration_of(definition)
        if definition is None or not isinstance(declared, Command) or declared.is_signed:
            return None
        [argument] = definition.args.values()
        variable = self._whole_input(operation, node, argument.type)
        read = None if variable is None else self._reader(get_named_type(argument.type))
        return RootCommand(declared, definition, node, None if read is None else variable, read)

    def _whole_input(
        self, operation: Operation, node: FieldNode, type_: GraphQLInputType
    ) -> str | None:
        """Return the variable that is the whole input, if there is no other."""
        definitions, arguments = operation.node.variable_definitions or (), node.arguments or ()
        if len(definitions) != 1 or len(arguments) != 1:
            return None
        [definition], [argument] = definitions, arguments
        has_type = str(type_from_ast(self._core, definition.type)) == str(type_)
        is_variable = isinstance(argument.value, VariableNode)
        return definition.variable.name.value if has_type and is_variable else None

    def plan(
        self, operation: Operation, root: RootCommand, variables: VariableValues, access: Access
    ) -> MutationPlan:
        """Return the plan of a mutation whose only root field is the command.

        Raises:
            Unplannable: the caller lacks the permission, or a directive skips the field.
        """
        if not access.may(root.command.permission):
            raise Unplannable(f"no permission: {root.command.permission.name}")
        key = operation, access, boolean_variables(variables)
        plan = self._cache.get(key)
        return plan or self._cache.put(key, self._make(operation, root, variables, access))

    def _make(
        self, operation: Operation, root: RootCommand, variables: VariableValues, access: Access
    ) -> MutationPlan:
        collector = FieldCollector(self._core, operation.fragments, variables)
        type_, payload = get_named_type(root.definition.type), _Payload()
        assert isinstance(type_, GraphQLObjectType)
        try:
            grouped = collector.fields(self._mutation, operation.node.selection_set.selections)
            if not grouped:
                raise Unplannable("directive")
            fields = collector.subfields(type_, [root.node])
        except GraphQLError:  # a variable of the wrong type for a directive
            raise Unplannable("directive") from None
        try:
            for name, nodes in fields.items():
                json = self._field(operation, variables, access, payload, type_, nodes)
                payload.parts.append(f'"{name}":{json}')
        except Unplannable as reason:
            return MutationPlan(None, reason=str(reason))
        text = f'{{"{next(iter(grouped))}":{{{",".join(payload.parts)}}}}}'
        return MutationPlan(text.encode(), payload.record)

    def _field(
        self,
        operation: Operation,
        variables: VariableValues,
        access: Access,
        payload: _Payload,
        type_: GraphQLObjectType,
        nodes: Sequence[FieldNode],
    ) -> str:
        """Return the JSON of a field of the payload, `%b` for the record."""
        name = f"{type_.name}.{nodes[0].name.value}"
        match python_name(type_, nodes):
            case "__typename":
                return to_json(type_.name)
            case "errors":
                return "[]"
        declared = declaration_of(field_of(type_, nodes[0].name.value))
        if not isinstance(declared, Relation) or declared.key != RECORD_ID or payload.record:
            raise Unplannable(name)
        record = self._plans.plan_field(
            operation.node, operation.fragments, variables, access, type_, nodes
        )
        if record.plan is None:
            raise Unplannable(record.reason)
        payload.record = record
        return "%b"


def _reader(type_: Any) -> InputReader | None:
    try:
        return InputReader(type_)
    except Unusual:
        return None
