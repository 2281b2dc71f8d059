"""Documents made from the schema: all that there is to see, and every place for a filter."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)

from tests.isolation.documents import Documents, is_record, of_itself, required, rows
from tests.scopes.view import chunks, literal

LATER = "2199-12-31T23:59:59Z"
PAGE = "{ __typename edges { __typename cursor } }"
ROOTS_AT_ONCE = 20
CALLS_AT_ONCE = 50


class Everything(Documents):
    """Writes documents that ask many roots at once."""

    @property
    def roots(self) -> Mapping[str, GraphQLField]:
        """The root fields to read."""
        root = self.schema.query_type
        assert root is not None
        return dict(root.fields)

    def lists(self, levels: int = 0) -> Iterator[str]:
        """Ask every root that takes no argument of necessity; of records `records` tells more."""
        open_ = [root for root, field in self.roots.items() if not required(field)]
        for part in chunks(open_, ROOTS_AT_ONCE):
            self._fragments, self._whole = {}, None
            calls = [self._list(root, levels) for root in part]
            yield "\n".join(["query { __typename", *calls, "}", *self._fragments.values()])

    def _list(self, root: str, levels: int) -> str:
        field = self.roots[root]
        page = "(first: 100)" if "first" in field.args else ""
        return f"{root}{page} {self._below(field, levels)}"

    def orders(self) -> Iterator[str]:
        """Ask every list, by all its orders at once, for cursors, which hold the value of each."""
        calls = []
        for root, field in self.roots.items():
            if "orderBy" in field.args and not required(field):
                order: Any = get_named_type(field.args["orderBy"].type)
                by: Any = get_named_type(order.fields["field"].type)
                keys = ", ".join(
                    f"{{field: {name}, direction: {'ASC' if turn % 2 else 'DESC'}}}"
                    for turn, name in enumerate(by.values)
                )
                calls.append(f"{root}(first: 100, orderBy: [{keys}]) {PAGE}")
        for part in chunks(calls, CALLS_AT_ONCE):
            yield "query { __typename " + "\n".join(part) + "}"

    def _fields(self, kind: GraphQLObjectType, levels: int) -> Iterator[str]:
        """Ask for the id of what a record at the lowest level belongs to, too."""
        yield from super()._fields(kind, levels)
        for name, field in () if levels else kind.fields.items():
            if name != "node" and is_record(get_named_type(field.type)):
                is_apart = name in self._ambiguous and is_record(kind)
                yield f"{f'{kind.name}_{name}: ' * is_apart}{name} {{ __typename id }}"

    def records(self, levels: int = 0) -> str:
        """Ask `nodes` for everything, the history of each record too."""
        self._fragments, self._whole = {}, levels
        below = self._below(self.roots["nodes"], levels)
        call = f"query ($ids: [ID!]!) {{ __typename nodes(ids: $ids) {below} }}"
        return "\n".join([call, *self._fragments.values()])

    def named(self, calls: Sequence["Call"]) -> str:
        """Ask many calls at once, the n-th by the name `a<n>`, for what they show of themselves."""
        self._fragments, self._whole = {}, None
        return self._named(calls, [self._below(self.roots[one.root], 0) for one in calls])

    def named_briefly(self, calls: Sequence["Call"]) -> str:
        """Ask many calls at once, the n-th by the name `a<n>`, for which records they show.

        What a record shows is asked where nothing is filtered or looked up.
        """
        self._fragments, fields = {}, (self.roots[one.root] for one in calls)
        shown = [rows(field, is_counted=False) or of_itself(field) for field in fields]
        return self._named(calls, shown)

    def _named(self, calls: Sequence["Call"], shown: Sequence[str]) -> str:
        written = [
            f"a{n}: {one.root}({one.arguments}) {below}"
            for n, (one, below) in enumerate(zip(calls, shown, strict=True))
        ]
        return "\n".join(["query { __typename", *written, "}", *self._fragments.values()])


@dataclass(frozen=True)
class Call:
    """A root with arguments."""

    root: str
    values: Mapping[str, Any]

    @property
    def arguments(self) -> str:
        """The arguments as GraphQL writes them."""
        return ", ".join(f"{name}: {literal(value)}" for name, value in self.values.items())


def look_ups(everything: Everything) -> Iterator[tuple[str, str, Any]]:
    """Yield each root that looks a record up, with what it takes for a key and where it goes."""
    for root, field in everything.roots.items():
        if "by" in field.args:
            by: Any = get_named_type(field.args["by"].type)
            for name in by.fields:
                yield root, name, {"by": {name: HERE}}
    yield "node", "id", {"id": HERE}
    yield "nodes", "id", {"ids": [HERE]}
    yield "asOf", "id", {"recordId": HERE, "at": LATER}
    yield "signatureVerify", "id", {"signatureId": HERE}


@dataclass(frozen=True)
class Condition:
    """A place in a filter.

    Attributes:
        kind, name: the filter's type and its field.
        operator: `id` or `text` for what it takes, or `related` for records that fit a filter.
        put: puts a value there.
    """

    root: str
    kind: str
    name: str
    operator: str
    shape: Any

    @property
    def word(self) -> str:
        """What joins conditions on a list, so that one that holds otherwise changes its rows."""
        return "and" if "not" in self.shape else "or"

    def filter(self, value: Any) -> Any:
        """Return the filter with a value in its place."""
        return filled(self.shape, value)

    def of(self, value: Any) -> Call:
        """Return the call with a value in its place."""
        return Call(self.root, {"filter": self.filter(value)})


HERE = "<here>"


def filled(shape: Any, value: Any) -> Any:
    """Put a value where `HERE` stands."""
    if isinstance(shape, dict):
        return {name: filled(part, value) for name, part in shape.items()}
    return (
        [filled(part, value) for part in shape]
        if isinstance(shape, list)
        else (value if shape == HERE else shape)
    )


_EVER = {"createdAt": {"gte": "1900-01-01T00:00:00Z"}}
_OPERATORS = {"IDFilter": "id", "StringFilter": "text"}
_OF_THE_ROW_ITSELF = ("EnumFilter", "BooleanFilter", "IntFilter", "DecimalFilter", "DateFilter")


def conditions(everything: Everything) -> Iterator[Condition]:
    """Yield every place of every list's filter that names or describes another record."""
    for root, field in everything.roots.items():
        if "filter" in field.args and not required(field):
            kind: Any = get_named_type(field.args["filter"].type)
            yield from _of_filter(root, kind)


def _of_filter(root: str, kind: GraphQLInputObjectType) -> Iterator[Condition]:
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if below is kind and name in {"and", "or", "not"}:
            continue
        assert isinstance(below, GraphQLInputObjectType)
        if below.name == "IDFilter":
            for shape in ({"eq": HERE}, {"in": HERE}):
                yield Condition(root, kind.name, name, next(iter(shape)), {name: shape})
            yield Condition(root, kind.name, name, "eq", {"not": {name: {"eq": HERE}}})
        elif below.name == "StringFilter":
            for operator in ("contains", "in"):
                yield Condition(root, kind.name, name, f"text {operator}", {name: {operator: HERE}})
        elif is_filter(below):
            yield Condition(root, kind.name, name, "related", {name: _EVER})
            yield Condition(root, kind.name, name, "related", {"not": {name: _EVER}})
        elif below.name.endswith("ListFilter"):
            for word in ("some", "none"):
                yield Condition(root, kind.name, name, "related", {name: {word: _EVER}})


def thinned(places: Iterable[Condition]) -> Iterator[Condition]:
    """Keep one operator of each field of each list's filter, and for the next field another."""
    fields: dict[tuple[str, str], list[Condition]] = {}
    for one in places:
        fields.setdefault((one.root, one.name), []).append(one)
    for turn, alike in enumerate(fields.values()):
        yield alike[turn % len(alike)]


def is_filter(kind: Any) -> bool:
    """Say whether an input is the filter of records."""
    return isinstance(kind, GraphQLInputObjectType) and "and" in kind.fields


def filter_fields(schema: GraphQLSchema) -> Iterator[tuple[str, str, str]]:
    """Yield each field of each filter that a list takes, and the type that it takes."""
    kinds = list(dict.fromkeys(_filters_of_lists(schema)))
    for kind in kinds:  # which grows
        for name, field in kind.fields.items():
            below = get_named_type(field.type)
            if is_filter(kind) and name not in {"and", "or", "not"}:
                yield kind.name, name, below.name
            if isinstance(below, GraphQLInputObjectType) and below not in kinds:
                kinds.append(below)


def _filters_of_lists(schema: GraphQLSchema) -> Iterator[GraphQLInputObjectType]:
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind is not schema.subscription_type:
            for field in kind.fields.values():
                if "filter" in field.args:
                    taken = get_named_type(field.args["filter"].type)
                    assert isinstance(taken, GraphQLInputObjectType)
                    yield taken


def connections(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Yield each field that is a connection, with its type."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for name, field in kind.fields.items():
                if get_named_type(field.type).name.endswith("Connection"):
                    yield kind.name, name
