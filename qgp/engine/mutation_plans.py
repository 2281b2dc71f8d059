"""Plans of mutations: one command, and the JSON of the payload that shows its success."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphql import FieldNode, GraphQLField, GraphQLObjectType, GraphQLSchema, get_named_type
from graphql.execution.values import VariableValues

from qgp.engine.access import Access
from qgp.engine.collect_fields import FieldCollector
from qgp.engine.constants import to_json
from qgp.engine.declared_fields import declaration_of, field_of, python_name
from qgp.engine.plan import Unplannable
from qgp.engine.plan_cache import CachedPlan, PlanCache, boolean_variables
from qgp.kit.gql.command import Command
from qgp.kit.gql.command_types import RECORD_ID
from qgp.kit.gql.declarations import Relation
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache

MAX_PLANS = 1_024


@dataclass(frozen=True, eq=False)
class MutationPlan:
    """Plan of a mutation that is one command.

    Attributes:
        template: JSON of `data` after a success, with a place for the record if one is selected.
        record: plan of the record; None where none is selected.
        reason: why there is no plan; empty if there is one.
    """

    template: bytes = b""
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

    def root_field(self, operation: Operation) -> tuple[GraphQLField, FieldNode] | None:
        """Return the only root field of a mutation; None if there are several, or a fragment."""
        [node, *others] = operation.node.selection_set.selections
        if others or not isinstance(node, FieldNode):
            return None
        declared = self._mutation.fields.get(node.name.value)
        return None if declared is None else (declared, node)

    def plan(
        self, operation: Operation, command: Command, variables: VariableValues, access: Access
    ) -> MutationPlan:
        """Return the plan of a mutation whose only root field is the command."""

        def make() -> MutationPlan:
            try:
                return self._make(operation, command, variables, access)
            except Unplannable as reason:
                return MutationPlan(reason=str(reason))

        key = operation, access, boolean_variables(variables)
        return self._cache.get_or_make(key, make)

    def _make(
        self, operation: Operation, command: Command, variables: VariableValues, access: Access
    ) -> MutationPlan:
        if not access.may(command.permission):
            raise Unplannable(f"no permission: {command.permission.name}")
        collector = FieldCollector(self._core, operation.fragments, variables)
        selections = operation.node.selection_set.selections
        payload = _Payload()
        for name, nodes in collector.fields(self._mutation, selections).items():
            type_ = get_named_type(self._mutation.fields[nodes[0].name.value].type)
            assert isinstance(type_, GraphQLObjectType)
            for inner, selected in collector.subfields(type_, nodes).items():
                json = self._field(operation, variables, access, payload, type_, selected)
                payload.parts.append(f'"{inner}":{json}')
            text = f'{{"{name}":{{{",".join(payload.parts)}}}}}'
            return MutationPlan(text.encode(), payload.record)
        raise Unplannable("directive")

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
