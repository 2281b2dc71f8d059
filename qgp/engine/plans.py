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
from qgp.engine.arguments import Bound
from qgp.engine.compile import Compiler, Gate
from qgp.engine.plan import Opaque, Plan
from qgp.engine.planning import Planner
from qgp.engine.program import Program
from qgp.engine.worst import most_rows
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache

OPERATIONS = 256  # remembered
PLANS = 64  # of one operation: whole, or field by field, for each set of rights
PROGRAMS = 16  # of one plan, by the shapes of its arguments
IN_ONE = 400  # rows at the most, for one key, that one statement writes with all their lists


@dataclass(frozen=True, eq=False)
class Planned:
    """A plan, or the reason why there is none."""

    access: Access
    gate: Gate | None
    plan: Plan | None
    reason: str = ""
    _programs: LRUCache[Program] = field(default_factory=lambda: LRUCache(PROGRAMS))

    def program(self, bound: Sequence[Bound]) -> Program:
        """Return the program for the shapes of these arguments."""
        assert self.plan is not None
        plan, shapes = self.plan, tuple(one.shape for one in bound)
        lists = most_rows(plan, bound) <= IN_ONE

        def make() -> Program:
            return Compiler(self.access, shapes, self.gate, lists=lists).program(plan)

        return self._programs.found((shapes, lists), make)


class Plans:
    """The plans of one process.

    Args:
        gate: what must hold for the first statement of an operation to return anything.

    Attributes:
        counts: plans `made`, and `found` made already.
    """

    def __init__(self, schema: strawberry.Schema, core: GraphQLSchema, gate: Gate) -> None:
        self._schema, self._core, self._gate = schema, core, gate
        self._known: LRUCache[LRUCache[Planned]] = LRUCache(OPERATIONS)
        self._given_up: set[str] = set()
        self.counts: Counter[str] = Counter()

    def of_operation(self, operation: Operation, values: VariableValues, access: Access) -> Planned:
        """Plan a whole query."""
        node, fragments = operation.node, operation.fragments

        def make() -> Planned:
            if _document(node) in self._given_up:
                return Planned(access, None, None, "differed from the reference")
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
    ) -> Planned:
        """Plan one field of an operation that runs on the reference."""

        def make() -> Planned:
            if _document(node) in self._given_up:
                return Planned(access, None, None, "differed from the reference")
            planner = Planner(self._schema, self._core, fragments, values, access)
            return _planned(access, None, lambda: planner.field(parent, fields))

        place = parent.name, *(Identical(one) for one in fields)
        return self._found(node, (access, _flags(values), place), make)

    def _found(
        self, node: OperationDefinitionNode, key: Hashable, make: Callable[[], Planned]
    ) -> Planned:
        variants = self._known.found(Identical(node), lambda: LRUCache(PLANS))
        self.counts["found" if key in variants else "made"] += 1
        return variants.found(key, make)


@dataclass(frozen=True, eq=False)
class Identical:
    """Stands for one object, equal to nothing but itself: syntax nodes compare by content."""

    of: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identical) and self.of is other.of

    def __hash__(self) -> int:
        return id(self.of)


def _planned(access: Access, gate: Gate | None, make: Callable[[], Plan]) -> Planned:
    try:
        return Planned(access, gate, make())
    except Opaque as opaque:
        return Planned(access, gate, None, str(opaque))
    except GraphQLError:  # a variable that a directive cannot take; only there it is wrong
        return Planned(access, gate, None, "directive")


def _document(node: OperationDefinitionNode) -> str:
    """Return the document that an operation stands in."""
    assert node.loc is not None
    return node.loc.source.body


def _flags(values: VariableValues) -> Hashable:
    """Return the Boolean variables, on which what is selected may depend."""
    return tuple((name, value) for name, value in values.coerced.items() if isinstance(value, bool))
