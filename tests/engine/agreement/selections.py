"""Selections: fields of the live schema, fragments, @skip and @include, what is below a page."""

from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    TypeNameMetaFieldDef,
    get_named_type,
    is_leaf_type,
    is_list_type,
)
from graphql.type import get_nullable_type

from tests.engine.agreement.arguments import Arguments
from tests.engine.agreement.fragments import Budget, Fragments
from tests.engine.agreement.names import Names
from tests.engine.agreement.scope import Scope
from tests.engine.agreement.values import Values
from tests.engine.agreement.variables import Place

LISTED = 10  # what the limits count for a list without pages
_INTROSPECTION = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}
_ITEMS = frozenset({"nodes", "edges"})
_DIRECTIVES = ((("skip", 0.3),), (("include", 0.8),), (("skip", 0.3), ("include", 0.8)))
Composite = GraphQLObjectType | GraphQLInterfaceType


class Selections:
    """Writes what is in the braces of one document.

    Every method takes the level of fields and `times`, how many objects there can be at most.

    Args:
        refused: root fields that whoever asks may not read; they are asked less.
    """

    def __init__(self, values: Values, budget: Budget, refused: frozenset[str]) -> None:
        self._schema, self._tally = values.schema, values.tally
        self._values, self._budget, self._refused = values, budget, refused
        self._arguments = Arguments(values)
        self._names = Names(values.tally, budget)
        self._object: GraphQLObjectType | None = None  # what is being selected of, if it is known
        self.fragments = Fragments(values.schema, budget, values.variables)

    def braces(
        self, kind: Composite, scope: Scope, level: int = 1, times: int = 1, width: int = 0
    ) -> str:
        """Write braces with about `width` selections in them."""
        width = width or self._tally.chance.choices((1, 2, 3, 5, 8), (18, 28, 26, 20, 8))[0]
        around = self._object
        if isinstance(kind, GraphQLObjectType):
            self._object = kind
        parts = []
        for _ in range(width):
            if self._budget.fields > 0 and self._budget.points >= times:
                parts.append(self._selection(kind, scope, level, times))
        self._object = around
        return self._joined(parts, kind, scope)

    def _joined(self, parts: list[str], kind: Composite, scope: Scope) -> str:
        written = [part for part in parts if part]
        return f"{{ {' '.join(written or [self._typename(kind, scope)])} }}"

    def _selection(self, kind: Composite, scope: Scope, level: int, times: int) -> str:
        lot = self._tally.chance.random()
        if isinstance(kind, GraphQLInterfaceType):
            lot *= 0.4  # there is more to see of the types that implement it
        if lot < 0.12:
            return self._inline(kind, scope, level, times)
        if lot < 0.17:
            return self._new_fragment(kind, scope, level, times)
        if lot < 0.24:
            return self._known_fragment(kind, scope, level, times)
        if lot < 0.27:
            return self._typename(kind, scope)
        return self._again(kind, scope, level, times) or self._field(kind, scope, level, times)

    def _typename(self, kind: GraphQLNamedType, scope: Scope) -> str:
        taken = self._names.take(kind, "__typename", TypeNameMetaFieldDef, scope)
        self._budget.spend(1)
        return taken[0] if taken else "__typename"

    # Fields.

    def _field(self, kind: Composite, scope: Scope, level: int, times: int) -> str:
        name, field = self._choose(kind, level)
        most = max(self._budget.points // (times * 12), 1)
        call = name + self._arguments.of(kind, name, field, most)
        page = self._arguments.page if "first" in field.args else 1
        taken = self._names.take(kind, call, field, scope)
        if taken is None:
            return ""
        written, entry = taken
        entry.page = page
        self._budget.spend(times)
        self._budget.deepest = max(self._budget.deepest, level)
        written += self._directives()
        if entry.below is None:
            return written
        return f"{written} {self._below(field, entry.below, level, times, page)}"

    def _choose(self, kind: Composite, level: int) -> tuple[str, GraphQLField]:
        """Draw a field: the rare more often, and one that leads on unless it is too deep."""
        is_root = kind is self._schema.query_type
        if is_root and self._tally.happens(0.03):
            name = self._tally.one(list(_INTROSPECTION))
            return name, _INTROSPECTION[name]
        leaves = {n for n, f in kind.fields.items() if is_leaf_type(get_named_type(f.type))}
        names = list(kind.fields)
        if level >= self._budget.levels:
            names = [name for name in names if name in leaves]
            if not names:
                return "__typename", TypeNameMetaFieldDef

        def favour(name: str) -> float:
            if name in leaves:
                return 1
            weight = 2 + 6 * self._missing(get_named_type(kind.fields[name].type))
            return weight * 0.05 if is_root and name in self._refused else weight

        name = self._tally.rarest(kind.name, names, favour)
        return name, kind.fields[name]

    def _missing(self, kind: Any) -> float:
        """Return how much of a type has not come back yet; of a page, of its rows."""
        if kind.name.endswith("Connection"):
            kind = get_named_type(kind.fields["nodes"].type)
        return self._tally.missing(kind.name, list(kind.fields))

    def _again(self, kind: Composite, scope: Scope, level: int, times: int) -> str:
        """Select something again that is selected already, with other selections below."""
        mine = [
            (name, entry)
            for name, entry in scope.items()
            if entry.below is not None and kind.name in entry.calls
        ]
        if not mine or level >= self._budget.levels or not self._tally.happens(0.1):
            return ""
        name, entry = self._tally.one(mine)
        call = entry.calls[kind.name][1]
        field_name = call.partition("(")[0]
        if field_name not in kind.fields:
            return ""
        self._budget.spend(times)
        self._budget.aliases -= field_name != name
        below = self._below(
            kind.fields[field_name], entry.below or Scope(), level, times, entry.page
        )
        return f"{call if field_name == name else f'{name}: {call}'}{self._directives()} {below}"

    def _below(self, field: GraphQLField, scope: Scope, level: int, times: int, page: int) -> str:
        kind: Any = get_named_type(field.type)
        if kind.name.endswith("Connection"):
            return self._page(kind, scope, level + 1, times, page)
        if is_list_type(get_nullable_type(field.type)):
            times *= LISTED
        around, self._object = self._object, None
        written = self.braces(kind, scope, level + 1, times)
        self._object = around
        return written

    def _page(
        self, kind: GraphQLObjectType, scope: Scope, level: int, times: int, page: int
    ) -> str:
        """Write what is selected of a page."""
        parts = []
        for _ in range(self._tally.chance.choices((1, 2, 3, 4), (45, 30, 15, 10))[0]):
            name = self._tally.rarest(
                kind.name, list(kind.fields), lambda name: 4 if name in _ITEMS else 1
            )
            rows = times * max(page, 1) if name in _ITEMS else times
            is_leaf = is_leaf_type(get_named_type(kind.fields[name].type))
            if rows <= self._budget.points and (is_leaf or level < self._budget.levels):
                parts.append(self._of_page(kind, name, scope, level, rows))
        return self._joined(parts, kind, scope)

    def _of_page(
        self, kind: GraphQLObjectType, name: str, scope: Scope, level: int, rows: int
    ) -> str:
        field = kind.fields[name]
        taken = self._names.take(kind, name, field, scope)
        if taken is None:
            return ""
        self._budget.spend(1)
        self._budget.deepest = max(self._budget.deepest, level)
        written, entry = taken
        written += self._directives()
        if entry.below is None:
            return written
        below: Any = get_named_type(field.type)
        return f"{written} {self.braces(below, entry.below, level + 1, rows)}"

    # Fragments.

    def _inline(self, kind: Composite, scope: Scope, level: int, times: int) -> str:
        on = self._condition(kind)
        written = f"... on {on.name}" if on is not kind or self._tally.happens(0.5) else "..."
        return f"{written}{self._directives()} {self.braces(on, scope, level, times)}"

    def _new_fragment(self, kind: Composite, scope: Scope, level: int, times: int) -> str:
        if level >= self._budget.levels or self.fragments.is_full:
            return ""
        on = self._condition(kind)
        fragment = self.fragments.write(
            on,
            level,
            times,
            lambda scope_of_fragment: self.braces(on, scope_of_fragment, level, times),
        )
        written = self.fragments.put(fragment, scope)
        return written and written + self._directives()

    def _known_fragment(self, kind: Composite, scope: Scope, level: int, times: int) -> str:
        fitting = self.fragments.fitting(kind, level, times)
        if not fitting:
            return ""
        fragment = self._tally.one(fitting)
        written = self.fragments.put(fragment, scope)
        if written:
            self._budget.spend(fragment.points * times, fragment.fields)
        return written and written + self._directives()

    def _condition(self, kind: Composite) -> Composite:
        """Draw a type that an object of this kind can be, seldom one that cannot occur here."""
        if isinstance(kind, GraphQLInterfaceType):
            if self._object is not None and self._tally.happens(0.8):
                return self._object
            implementing = self._schema.get_implementations(kind)
            kinds: list[Composite] = [
                *implementing.objects,
                *implementing.objects,
                *implementing.interfaces,
                kind,
            ]
        else:
            kinds = [*kind.interfaces, kind]
        return self._tally.one(kinds)

    # @skip and @include.

    def _directives(self) -> str:
        if self._budget.directives <= 0 or not self._tally.happens(0.05):
            return ""
        chosen = self._tally.one(_DIRECTIVES)
        self._budget.directives -= len(chosen)
        return "".join(f" @{name}(if: {self._whether(share)})" for name, share in chosen)

    def _whether(self, share: float) -> str:
        """Write a Boolean, or a variable, that is true in that share of all cases."""
        if self._tally.happens(0.4):
            return "true" if self._tally.happens(share) else "false"
        directive = self._schema.get_directive("skip")
        assert directive is not None
        use = self._values.variables.use(
            directive.args["if"].type,
            lambda: self._tally.happens(share),
            key=("if", share),
            place=Place.PLAIN,
        )
        return f"${use.name}"
