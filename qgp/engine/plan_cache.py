"""Plan cache: plans by operation and access, compiled queries by the shapes of arguments."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.execution.values import VariableValues

from qgp.engine.arguments import BoundArguments
from qgp.engine.compiled_query import CompiledQuery
from qgp.engine.compiler import Compiler
from qgp.engine.plan import Plan, Unplannable
from qgp.engine.planner import Planner
from qgp.engine.row_bound import row_bound
from qgp.engine.session_guard import SessionGuard
from qgp.kit.access import Access
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache

MAX_OPERATIONS = 256
MAX_PLANS = 64  # of one operation: of the whole or of single fields, for each access
MAX_COMPILED = 16  # queries of one plan, by the shapes of its arguments
MAX_RELATIONS = 1_024  # queries of relations, which plans of several documents share
MAX_ROWS_IN_ONE = 400  # that one statement may write for one key, with all lists below it
DIFFERED = "differed from the resolver path"


@dataclass(frozen=True, eq=False)
class CachedPlan:
    """A plan with its compiled queries, or the reason why there is none.

    Attributes:
        reason: why the operation cannot be planned; empty if there is a plan.
        relations: the queries of relations, compiled for any document.
    """

    access: Access
    session_guard: SessionGuard | None
    plan: Plan | None
    reason: str = ""
    relations: LRUCache[CompiledQuery] = field(default_factory=lambda: LRUCache(MAX_RELATIONS))
    _queries: LRUCache[CompiledQuery] = field(default_factory=lambda: LRUCache(MAX_COMPILED))

    def compiled(self, arguments: Sequence[BoundArguments]) -> CompiledQuery:
        """Return the compiled query for the shapes of these arguments."""
        return self._compiled(arguments) if arguments else self._without_arguments

    @cached_property
    def _without_arguments(self) -> CompiledQuery:
        return self._compiled(())

    def _compiled(self, arguments: Sequence[BoundArguments]) -> CompiledQuery:
        assert self.plan is not None
        plan, shapes = self.plan, tuple(each.shape for each in arguments)
        lists = row_bound(plan, arguments) <= MAX_ROWS_IN_ONE

        def make() -> CompiledQuery:
            return Compiler(self.access, shapes, self.session_guard, lists=lists).query(plan)

        def shared() -> CompiledQuery:
            key = self.access, plan.relation, shapes, lists
            return self.relations.get_or_make(key, make)

        return self._queries.get_or_make((shapes, lists), shared if plan.relation else make)


class PlanCache:
    """The plans of one process.

    Args:
        session_guard: check of the sign-ins in the first statement of an operation.

    Attributes:
        counts: lookups that found a plan (`hit`) or made one (`miss`).
    """

    def __init__(
        self, schema: strawberry.Schema, core: GraphQLSchema, session_guard: SessionGuard
    ) -> None:
        self._schema, self._core, self._session_guard = schema, core, session_guard
        self._by_operation: LRUCache[LRUCache[CachedPlan]] = LRUCache(MAX_OPERATIONS)
        self._relations: LRUCache[CompiledQuery] = LRUCache(MAX_RELATIONS)
        self._disabled: set[str] = set()
        self.counts: Counter[str] = Counter()

    def plan_operation(
        self, operation: Operation, variables: VariableValues, access: Access
    ) -> CachedPlan:
        """Return the plan of a whole query."""
        node, fragments = operation.node, operation.fragments

        def make() -> CachedPlan:
            planner = Planner(self._schema, self._core, fragments, variables, access)
            return self._make(node, access, self._session_guard, lambda: planner.operation(node))

        return self._get(node, (access, boolean_variables(variables)), make)

    def plan_field(
        self,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        access: Access,
        parent: GraphQLObjectType,
        fields: Sequence[FieldNode],
    ) -> CachedPlan:
        """Return the plan of one field of an operation that the resolvers execute."""

        def make() -> CachedPlan:
            planner = Planner(self._schema, self._core, fragments, variables, access)
            return self._make(node, access, None, lambda: planner.field(parent, fields))

        key = parent.name, *(ByIdentity(each) for each in fields)
        return self._get(node, (access, boolean_variables(variables), key), make)

    def disable(self, operation: Operation) -> None:
        """Leave a document to the resolvers until the process ends."""
        self._disabled.add(_document(operation.node))
        self._by_operation.discard(ByIdentity(operation.node))

    def _make(
        self,
        node: OperationDefinitionNode,
        access: Access,
        session_guard: SessionGuard | None,
        make: Callable[[], Plan],
    ) -> CachedPlan:
        if _document(node) in self._disabled:
            return CachedPlan(access, None, None, DIFFERED)
        try:
            return CachedPlan(access, session_guard, make(), relations=self._relations)
        except Unplannable as reason:
            return CachedPlan(access, None, None, str(reason))
        except GraphQLError:  # a variable of the wrong type for a directive
            return CachedPlan(access, None, None, "directive")

    def _get(
        self, node: OperationDefinitionNode, key: Hashable, make: Callable[[], CachedPlan]
    ) -> CachedPlan:
        plans = self._by_operation.get_or_make(ByIdentity(node), lambda: LRUCache(MAX_PLANS))
        self.counts["hit" if key in plans else "miss"] += 1
        return plans.get_or_make(key, make)


@dataclass(frozen=True, eq=False)
class ByIdentity:
    """Key of a syntax node by its identity: nodes themselves compare by content."""

    node: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and self.node is other.node

    def __hash__(self) -> int:
        return id(self.node)


def _document(node: OperationDefinitionNode) -> str:
    """Return the text of the document that contains an operation."""
    assert node.loc is not None
    return node.loc.source.body


def boolean_variables(variables: VariableValues) -> Hashable:
    """Return the Boolean variables, which `@skip` and `@include` may depend on."""
    values = variables.coerced.items()
    return tuple((name, value) for name, value in values if isinstance(value, bool))
