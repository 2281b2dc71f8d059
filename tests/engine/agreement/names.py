"""Response names of fields: the field's name, or an alias that may equal another field."""

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
)

from tests.engine.agreement.fragments import Budget
from tests.engine.agreement.scope import Entry, Scope
from tests.engine.agreement.tally import Tally

ALIASED = 0.1


class Names:
    """Finds response names that merge with what is selected already."""

    def __init__(self, tally: Tally, budget: Budget) -> None:
        self._tally, self._budget = tally, budget

    def take(
        self, kind: GraphQLNamedType, call: str, field: GraphQLField, scope: Scope
    ) -> tuple[str, Entry] | None:
        """Take a name for a field and its arguments; None where there is none to be had.

        Returns:
            The selection as written, and what the name stands for.
        """
        field_name, is_leaf = call.partition("(")[0], is_leaf_type(get_named_type(field.type))
        for name in self._wanted(kind, field_name, scope):
            if scope.fits(name, kind, call, str(field.type), is_leaf=is_leaf):
                self._budget.aliases -= name != field_name
                entry = scope.take(name, kind, call, str(field.type), is_leaf=is_leaf)
                return (call if name == field_name else f"{name}: {call}"), entry
        return None

    def _wanted(self, kind: GraphQLNamedType, field_name: str, scope: Scope) -> list[str]:
        if self._budget.aliases <= 0:
            return [field_name]
        others = [field_name]
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            others = list(kind.fields)
        alias = self._tally.one(("a", "b", "zz_9", self._tally.one(others)))
        first = [alias] if self._tally.happens(ALIASED) else []
        return [*first, field_name, f"y{len(scope)}"]
