"""The arguments of one field: pages with real cursors, filters, orders, and what else it has."""

from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputType,
    GraphQLNamedType,
    get_named_type,
    is_required_argument,
)

from tests.engine.agreement.literals import Use, spelled
from tests.engine.agreement.values import Values, place_of
from tests.engine.agreement.variables import Place

SIZES = (0, 1, 2, 3, 7, 25, 100)
ODD_SIZES = (-1, 101, 1000, 2**31, 10**12)
PAGED = frozenset({"first", "last", "after", "before", "filter", "orderBy"})
DEFAULT_PAGE = 25


class Arguments:
    """Draws the arguments of fields; a page is as large as the caller can pay for.

    Attributes:
        page: the largest page that the arguments drawn last can lead to.
    """

    def __init__(self, values: Values) -> None:
        self._values, self._tally = values, values.tally
        self.page = DEFAULT_PAGE

    def of(self, parent: GraphQLNamedType, name: str, field: GraphQLField, most: int) -> str:
        """Return the arguments as written, parentheses and all; empty for none.

        Args:
            most: records that a page may have at most.
        """
        if not field.args:
            return ""
        owner = f"{parent.name}.{name}"
        if field.args.keys() >= PAGED:
            drawn = self._paged(parent, name, field, most)
        else:
            drawn = self._plain(parent, name, field)
        for argument in drawn:
            self._tally.note(owner, argument)
        items = list(drawn.items())
        self._tally.chance.shuffle(items)
        written = ", ".join(f"{argument}: {spelled(value)}" for argument, value in items)
        return f"({written})" if written else ""

    def _plain(self, parent: GraphQLNamedType, name: str, field: GraphQLField) -> dict[str, Any]:
        drawn = {}
        target = get_named_type(field.type).name
        hits = self._values.sample.hits.get(name)
        if hits and self._tally.happens(0.7):
            hit = self._tally.one(hits)
            return {n: self._fixed(field.args[n].type, value) for n, value in hit.items()}
        for argument, definition in field.args.items():
            if is_required_argument(definition) or self._tally.happens(0.5):
                if target == "__Type" and argument == "name":
                    names = list(self._values.schema.type_map)
                    drawn[argument] = self._tally.one(names)
                    continue
                drawn[argument] = self._values.part(
                    definition.type,
                    self._values.pointed(target, argument),
                    level=1,
                    literal=True,
                    place=place_of(definition),
                )
        return drawn

    def _paged(
        self, parent: GraphQLNamedType, name: str, field: GraphQLField, most: int
    ) -> dict[str, Any]:
        kinds = {argument: definition.type for argument, definition in field.args.items()}
        drawn: dict[str, Any] = {}
        spots = self._values.sample.spots.get((parent.name, name))
        spot = self._tally.one(spots) if spots and self._tally.happens(0.35) else None
        if spot:
            listed = {"filter": spot.filter, "orderBy": spot.order}
            for argument, value in listed.items():
                if value is not None:
                    drawn[argument] = self._fixed(kinds[argument], value)
        else:
            drawn |= self._fresh(kinds, get_named_type(field.type).name.removesuffix("Connection"))
        cursors = spot.cursors if spot and spot.cursors and self._tally.happens(0.92) else None
        return drawn | self._window(kinds, most, cursors)

    def _fresh(self, kinds: dict[str, GraphQLInputType], record: str) -> dict[str, Any]:
        """Draw a filter and an order."""
        drawn = {}
        for argument, share in (("filter", 0.5), ("orderBy", 0.3)):
            if self._tally.happens(share):
                drawn[argument] = self._values.part(
                    kinds[argument], (record, "id"), level=1, literal=True
                )
        return drawn

    def _fixed(self, kind: GraphQLInputType, value: Any) -> Any:
        return self._values.value_or_variable(kind, lambda: value, key=spelled(value))

    def _window(
        self, kinds: dict[str, GraphQLInputType], most: int, cursors: tuple[str, ...] | None
    ) -> dict[str, Any]:
        """Draw a window; `cursors` are those that fit, if any are known."""
        forms: dict[tuple[str, ...], int] = {
            (): 18, ("first",): 34, ("last",): 16, ("first", "after"): 5, ("last", "before"): 5,
            ("after",): 2, ("before",): 2, ("first", "last"): 1, ("after", "last"): 1,
            ("first", "before"): 1,
        }  # fmt: skip
        if cursors:
            forms |= {("first", "after"): 60, ("last", "before"): 40, ("after",): 10}
        if most < DEFAULT_PAGE:  # without a size it would be too dear
            forms = {form: n for form, n in forms.items() if {"first", "last"} & {*form}}
        (form,) = self._tally.chance.choices(list(forms), list(forms.values()))
        self.page = DEFAULT_PAGE
        drawn: dict[str, Any] = {}
        for argument in form:
            if argument in {"first", "last"}:
                drawn[argument] = self._size(kinds[argument], most)
            else:
                drawn[argument] = self._cursor(kinds[argument], cursors)
        return drawn

    def _size(self, kind: GraphQLInputType, most: int) -> Any:
        """Draw a page size."""
        if self._tally.happens(0.01):
            return self._tally.one((*ODD_SIZES, None))
        sizes = [size for size in SIZES if size <= most] or [0, 1]
        weights = [1 if size == 0 else 4 for size in sizes]
        size = self._tally.chance.choices(sizes, weights)[0]
        smaller = [other for other in sizes if other <= size] + [1000 if size == 100 else 1]

        def draw() -> int:
            return self._tally.one(smaller)

        self.page = size
        if self._tally.happens(0.25):
            use: Use = self._values.variables.use(kind, draw, key=("size", size), place=Place.PLAIN)
            if not self._values.variables.declared[use.name].type.endswith("!"):
                self.page = max(size, DEFAULT_PAGE)
            return use
        return size

    def _cursor(self, kind: GraphQLInputType, cursors: tuple[str, ...] | None) -> Any:
        """Draw a cursor of the list, or else one of another list or none at all."""

        def draw() -> Any:
            if cursors:
                return self._tally.one(cursors)
            others = self._values.sample.cursors()
            return self._tally.one((self._tally.one(others or [""]), "", "nonsense", "AAAA", "ä"))

        return self._values.value_or_variable(kind, draw, key=cursors or "others")
