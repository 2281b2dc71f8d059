"""What is remembered: plans by operation and rights, programs by the shapes of arguments."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
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

from qgp.engine.access import Access
from qgp.engine.arguments import BoundArguments
from qgp.engine.compiled_query import CompiledQuery
from qgp.engine.compiler import Compiler, SessionGuard
from qgp.engine.plan import Plan, Unplannable
from qgp.engine.planner import Planner
from qgp.engine.row_bound import row_bound
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache

OPERATIONS = 256  # remembered
PLANS = 64  # of one operation: whole, or field by field, for each set of rights
PROGRAMS = 16  # of one plan, by the shapes of its arguments
IN_ONE = 400  # rows at the most, for one key, that one statement writes with all their lists


@dataclass(frozen=True, eq=False)
class CachedPlan:
    """A plan, or the reason why there is none."""

    access: Access
    gate: SessionGuard | None
    plan: Plan | None
    reason: str = ""
    _programs: LRUCache[CompiledQuery] = field(default_factory=lambda: LRUCache(PROGRAMS))

    def program(self, bound: Sequence[BoundArguments]) -> CompiledQuery:
        """Return the program for the shapes of these arguments."""
        assert self.plan is not None
        plan, shapes = self.plan, tuple(one.shape for one in bound)
        lists = row_bound(plan, bound) <= IN_ONE

        def make() -> CompiledQuery:
            return Compiler(self.access, shapes, self.gate, lists=lists).program(plan)

        return self._programs.found((shapes, lists), make)


class PlanCache:
    """The plans of one process.

    Args:
        gate: what must hold for the first statement of an operation to return anything.

    Attributes:
        counts: lookups that found a plan (`hit`) or made one (`miss`).
    """

    def __init__(self, schema: strawberry.Schema, core: GraphQLSchema, gate: SessionGuard) -> None:
        self._schema, self._core, self._gate = schema, core, gate
        self._known: LRUCache[LRUCache[CachedPlan]] = LRUCache(OPERATIONS)
        self._given_up: set[str] = set()
        self.counts: Counter[str] = Counter()

    def of_operation(
        self, operation: Operation, values: VariableValues, access: Access
    ) -> CachedPlan:
        """Plan a whole query."""
        node, fragments = operation.node, operation.fragments

        def make() -> CachedPlan:
            if _document(node) in self._given_up:
                return CachedPlan(access, None, None, "differed from the resolver path")
            planner = Planner(self._schema, self._core, fragments, values, access)
            return _planned(access, self._gate, lambda: planner.operation(node))

        return self._found(node, (access, _flags(values)), make)

    def give_up(self, operation: Operation) -> None:
        """Leave a document to the reference from now on."""
        self._given_up.add(_document(operation.node))
        self._known.forget(Identical(operation.node))

    def of_field(
        self,
        node: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: VariableValues,
        access: Access,
        parent: GraphQLObjectType,
        fields: Sequence[FieldNode],
    ) -> CachedPlan:
        """Plan one field of an operation that runs on the reference."""

        def make() -> CachedPlan:
            if _document(node) in self._given_up:
                return CachedPlan(access, None, None, "differed from the resolver path")
            planner = Planner(self._schema, self._core, fragments, values, access)
            return _planned(access, None, lambda: planner.field(parent, fields))

        place = parent.name, *(Identical(one) for one in fields)
        return self._found(node, (access, _flags(values), place), make)

    def _found(
        self, node: OperationDefinitionNode, key: Hashable, make: Callable[[], CachedPlan]
    ) -> CachedPlan:
        variants = self._known.found(Identical(node), lambda: LRUCache(PLANS))
        self.counts["hit" if key in variants else "miss"] += 1
        return variants.found(key, make)


@dataclass(frozen=True, eq=False)
class Identical:
    """Stands for one object, equal to nothing but itself: syntax nodes compare by content."""

    of: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identical) and self.of is other.of

    def __hash__(self) -> int:
        return id(self.of)


def _planned(access: Access, gate: SessionGuard | None, make: Callable[[], Plan]) -> CachedPlan:
    try:
        return CachedPlan(access, gate, make())
    except Unplannable as opaque:
        return CachedPlan(access, gate, None, str(opaque))
    except GraphQLError:  # a variable that a directive cannot take; only there it is wrong
        return CachedPlan(access, gate, None, "directive")


def _document(node: OperationDefinitionNode) -> str:
    """Return the document that an operation stands in."""
    assert node.loc is not None
    return node.loc.source.body


def _flags(values: VariableValues) -> Hashable:
    """Return the Boolean variables, on which what is selected may depend."""
    return tuple((name, value) for name, value in values.coerced.items() if isinstance(value, bool))
