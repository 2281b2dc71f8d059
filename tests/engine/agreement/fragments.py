"""Named fragments: each is written once, on its own, and spread wherever it fits."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from graphql import GraphQLInterfaceType, GraphQLNamedType, GraphQLSchema

from tests.engine.agreement.scope import Scope
from tests.engine.agreement.variables import Variables

MOST_FRAGMENTS = 8


@dataclass
class Budget:
    """The budget that is left for a document.

    Attributes:
        points: cost, as the limits count it.
        levels: levels of fields, at most.
        deepest: the deepest level of what was written last.
    """

    points: int
    fields: int
    aliases: int
    directives: int
    levels: int
    deepest: int = 0

    def spend(self, points: int, fields: int = 1) -> None:
        """Take off what was written."""
        self.points -= points
        self.fields -= fields


@dataclass(frozen=True)
class Fragment:
    """A named fragment, and what it takes where it is spread.

    Attributes:
        points: for one object.
        levels: of fields.
        spreads, variables: names of those in it and in what it spreads.
    """

    name: str
    on: GraphQLNamedType
    text: str
    scope: Scope
    points: int
    fields: int
    levels: int
    spreads: frozenset[str]
    variables: frozenset[str]


class Fragments:
    """The fragments of one document.

    Attributes:
        spread: names of those that what is being written spreads.
    """

    def __init__(self, schema: GraphQLSchema, budget: Budget, variables: Variables) -> None:
        self._schema, self._budget, self._variables = schema, budget, variables
        self.sample: dict[str, Fragment] = {}
        self.spread: set[str] = set()

    @property
    def is_full(self) -> bool:
        """Whether there are enough."""
        return len(self.sample) >= MOST_FRAGMENTS

    @contextmanager
    def apart(self, level: int) -> Iterator[None]:
        """Keep what a fragment spreads, uses and reaches apart from what is around it."""
        budget, variables = self._budget, self._variables
        around = self.spread, variables.used, budget.deepest
        self.spread, variables.used, budget.deepest = set(), set(), level
        yield
        self.spread, variables.used = around[:2]
        budget.deepest = max(around[2], budget.deepest)

    def write(
        self, on: GraphQLNamedType, level: int, times: int, body: Callable[[Scope], str]
    ) -> Fragment:
        """Add a fragment.

        Args:
            level, times: where it is first spread, and for how many objects.
            body: writes its braces.
        """
        budget = self._budget
        points, fields = budget.points, budget.fields
        with self.apart(level):
            scope = Scope()
            text = body(scope)
            fragment = Fragment(
                name=f"F{len(self.sample)}",
                on=on,
                text=f"fragment F{len(self.sample)} on {on.name} {text}",
                scope=scope,
                points=max((points - budget.points) // times, 1),
                fields=fields - budget.fields,
                levels=budget.deepest - level + 1,
                spreads=frozenset(self.spread),
                variables=frozenset(self._variables.used),
            )
        self.sample[fragment.name] = fragment
        return fragment

    def fitting(self, kind: GraphQLNamedType, level: int, times: int) -> list[Fragment]:
        """Return those that can be spread on a type and are affordable."""
        budget = self._budget
        return [
            one
            for one in self.sample.values()
            if self._possible(kind) & self._possible(one.on)
            and one.points * times <= budget.points
            and one.fields <= budget.fields
            and level + one.levels - 1 <= budget.levels
        ]

    def put(self, fragment: Fragment, scope: Scope) -> str:
        """Spread a fragment; return nothing where it does not merge with what is there."""
        if not scope.admits(fragment.scope):
            return ""
        scope.absorb(fragment.scope)
        self.spread |= {fragment.name, *fragment.spreads}
        self._variables.used |= fragment.variables
        return f"...{fragment.name}"

    def _possible(self, kind: GraphQLNamedType) -> set[str]:
        if isinstance(kind, GraphQLInterfaceType):
            return {one.name for one in self._schema.get_implementations(kind).objects}
        return {kind.name}
