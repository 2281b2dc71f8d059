"""Documents made from the schema: everything that a root can show."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

LEVELS = 2  # of records below a root, which makes 3 and more levels of fields
Arguments = dict[str, Any]


class Documents:
    """Writes operations that select all there is."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self._fragments: dict[str, str] = {}
        self._is_shallow = False  # whether related records show their ids and nothing else
        self._whole: int | None = None  # the level of the record that tells its history, too
        self._node = node = schema.type_map["Node"]
        assert isinstance(node, GraphQLInterfaceType)
        self._records = schema.get_implementations(node).objects
        self._ambiguous = set(_ambiguous(self._records))

    def operation(self, kind: str, field: str, levels: int = LEVELS) -> str:
        """Return the operation that asks one root field for everything, arguments as variables.

        Args:
            levels: of records below the root; at none, records show the ids of related ones.
        """
        definition = self._root(kind)[field]
        self._is_shallow = not levels
        self._fragments, self._whole = {}, _whole(field, definition, levels)
        return "\n".join(
            [
                _call(kind, field, definition, self._below(definition, levels)),
                *self._fragments.values(),
            ]
        )

    def histories(self) -> str:
        """Return the operation that asks records of every kind for their history alone."""
        self._fragments, self._whole, self._is_shallow = {}, None, True
        below = " ".join(
            f"... on {kind.name} {{ history(first: 2) {self._below(kind.fields['history'], 0)} }}"
            for kind in self._records
            if "history" in kind.fields
        )
        head = f"query ($ids: [ID!]!) {{ __typename nodes(ids: $ids) {{ __typename {below} }} }}"
        return "\n".join([head, *self._fragments.values()])

    def unasked(self, mutation: str) -> set[tuple[str, str]]:
        """Return type and name of what a mutation's payload has beside what its receipt shows."""
        kind = get_named_type(self._root("mutation")[mutation].type)
        assert isinstance(kind, GraphQLObjectType)
        shown = _receipt(kind).split()
        return {(kind.name, name) for name in kind.fields if name not in shown}

    def together(self, calls: Sequence[tuple[str, str, Arguments]], levels: int) -> str:
        """Return the operation that makes calls of one kind, the n-th by the name `a<n>`.

        Its arguments are the variables `a<n>_<argument>`. A list that is filtered is asked for
        the ids of its rows: what rows show is asked where nothing is filtered. A mutation, which
        is to be refused, is asked for its errors. At no level a record, which is not to be found,
        is asked for what it shows of itself. Others tell their history where each call looks one
        up.

        Args:
            calls: kind and name of a root field, and the arguments that it is given.
            levels: of records below each root.
        """
        self._is_shallow = not levels
        are_look_ups = all("by" in names for _, _, names in calls)
        self._fragments, self._whole = {}, levels if are_look_ups else None
        variables, fields, kind = [], [], calls[0][0]
        for n, (_, root, arguments) in enumerate(calls):
            field = self._root(kind)[root]
            is_look_up = not levels and rows(field) is None
            is_brief = is_look_up or "filter" in arguments or kind == "mutation"
            below = _brief(field, arguments) if is_brief else self._below(field, levels)
            variables += [f"$a{n}_{name}: {field.args[name].type}" for name in arguments]
            passed = ", ".join(f"{name}: $a{n}_{name}" for name in arguments)
            fields.append(f"a{n}: {root}{f'({passed})' if passed else ''} {below}")
        head = f"{kind} ({', '.join(variables)})" if variables else kind
        text = f"{head} {{ __typename {' '.join(fields)} }}"
        return "\n".join([text, *self._fragments.values()])

    def _root(self, kind: str) -> Mapping[str, GraphQLField]:
        root = self.schema.query_type if kind == "query" else self.schema.mutation_type
        assert root is not None
        return dict(root.fields)

    def receipt(self, mutation: str) -> str:
        """Return the mutation that asks for ids and versions, and for what was refused."""
        definition = self._root("mutation")[mutation]
        return _call("mutation", mutation, definition, _receipt(get_named_type(definition.type)))

    def _below(self, field: GraphQLField, levels: int) -> str:
        kind = get_named_type(field.type)
        if isinstance(kind, GraphQLInterfaceType):
            members = self.schema.get_implementations(kind).objects
            return "{ __typename " + " ".join(self._spread(m, levels) for m in members) + " }"
        assert isinstance(kind, GraphQLObjectType)
        return f"{{ {self._spread(kind, levels)} }}"

    def _spread(self, kind: GraphQLObjectType, levels: int) -> str:
        name = f"{kind.name}_{levels}"
        if name not in self._fragments:
            self._fragments[name] = ""
            selection = " ".join(self._fields(kind, levels))
            self._fragments[name] = f"fragment {name} on {kind.name} {{ __typename {selection} }}"
        return f"... on {kind.name} {{ ...{name} }}"

    def _fields(self, kind: GraphQLObjectType, levels: int) -> Iterator[str]:
        for name, field in kind.fields.items():
            below = get_named_type(field.type)
            if name == "history" and levels != self._whole:
                continue  # every record has one; once for each kind is enough
            is_apart = name in self._ambiguous and is_record(kind)
            alias = f"{kind.name}_{name}: {name}" if is_apart else name
            if is_leaf_type(below):
                yield alias
            elif name == "node":
                yield f"{name} {{ __typename }}"
            elif below is self._node:  # of whatever kind: it would never end
                yield f"{alias} {{ __typename id }}"
            elif not is_record(below):
                yield f"{alias}{_page(field)} {self._below(field, levels)}"
            elif levels:
                yield f"{alias} {self._below(field, levels - 1)}"
            elif self._is_shallow:
                yield f"{alias} {_identity(below)}"


def _whole(root: str, field: GraphQLField, levels: int) -> int | None:
    """Return the level of the one record that a root asks for."""
    if root == "viewer":
        return levels - 1
    return levels if "by" in field.args else None


def _call(kind: str, name: str, field: GraphQLField, below: str) -> str:
    variables = ", ".join(f"${name}: {arg.type}" for name, arg in field.args.items())
    passed = ", ".join(f"{name}: ${name}" for name in field.args)
    head = f"{kind} ({variables})" if variables else kind
    call = f"{name}({passed})" if passed else name
    return f"{head} {{ __typename {call} {below} }}"


def _brief(field: GraphQLField, arguments: Arguments) -> str:
    """Select little of what is filtered, refused or not found."""
    kind = get_named_type(field.type)
    if isinstance(kind, GraphQLObjectType) and "errors" in kind.fields:
        return _refusal(kind)
    is_joined = "or" in arguments.get("filter", ())
    return rows(field, is_counted=not is_joined) or of_itself(field)


def rows(field: GraphQLField, *, is_counted: bool = False) -> str | None:
    """Select the ids of the rows of a list, and their number; None where the field is no list."""
    kind = get_named_type(field.type)
    if not isinstance(kind, GraphQLObjectType) or not {"nodes", "totalCount"} <= {*kind.fields}:
        return None
    row = get_named_type(kind.fields["nodes"].type)
    shown = "id" if is_record(row) else " ".join(_leaves(row))
    return f"{{ __typename {'totalCount ' * is_counted}nodes {{ __typename {shown} }} }}"


def _identity(kind: GraphQLNamedType) -> str:
    """Select the id of a record, and its version where it has one."""
    assert isinstance(kind, GraphQLObjectType)
    return f"{{ __typename id {'version ' * ('version' in kind.fields)}}}"


def of_itself(field: GraphQLField) -> str:
    """Select what the answer of a field shows without going on from there."""
    kind = get_named_type(field.type)
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    return f"{{ __typename {' '.join(_leaves(kind))} }}"


def _receipt(kind: GraphQLNamedType) -> str:
    """Select what a payload, or a row of one, tells of what was done."""
    assert isinstance(kind, GraphQLObjectType)
    selections = [_errors(kind, _receipt)]
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if isinstance(below, GraphQLObjectType) and "version" in below.fields:
            selections.append(f"{name} {{ __typename id version }}")
        elif name == "upload":
            selections.append(f"upload {_receipt(below)}")
    return f"{{ {' '.join(selections)} }}"


def _refusal(kind: GraphQLNamedType) -> str:
    """Select what a payload, or a row of one, tells where nothing was done."""
    return f"{{ {_errors(kind, _refusal)} }}"


def _errors(kind: GraphQLNamedType, of_rows: Callable[[GraphQLNamedType], str]) -> str:
    """Select the leaves and the errors of a payload, and its rows."""
    assert isinstance(kind, GraphQLObjectType)
    selections = ["__typename", *_leaves(kind)]
    if "errors" in kind.fields:
        selections.append("errors { __typename code message path }")
    if rows := kind.fields.get("results"):
        selections.append(f"results {of_rows(get_named_type(rows.type))}")
    return " ".join(selections)


def _ambiguous(kinds: Sequence[GraphQLObjectType]) -> Iterator[str]:
    """Yield the fields that several types have, and not with the same type."""
    types: dict[str, str] = {}
    for kind in kinds:
        for name, field in kind.fields.items():
            if types.setdefault(name, str(field.type)) != str(field.type):
                yield name


def _leaves(kind: GraphQLNamedType) -> Iterator[str]:
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    for name, field in kind.fields.items():
        if is_leaf_type(get_named_type(field.type)):
            yield name


def is_record(kind: GraphQLNamedType) -> bool:
    interfaces = kind.interfaces if isinstance(kind, GraphQLObjectType) else ()
    return any(interface.name == "Node" for interface in interfaces)


def _page(field: GraphQLField) -> str:
    return "(first: 2)" if "first" in field.args else ""


def required(field: GraphQLField) -> dict[str, GraphQLArgument]:
    """Return the arguments that a field cannot do without."""
    return {name: arg for name, arg in field.args.items() if is_required_argument(arg)}


def shown(data: Any) -> Iterator[tuple[str, str]]:
    """Yield type and name of each field that holds a value, wherever in the data."""
    if isinstance(data, list):
        for item in data:
            yield from shown(item)
    elif isinstance(data, dict):
        for name, value in data.items():
            if value is not None and name != "__typename":
                yield data["__typename"], name.rpartition("_")[2]
                yield from shown(value)


def fields_of(schema: GraphQLSchema) -> set[tuple[str, str]]:
    """Return type and name of every field that the API can answer with."""
    kinds = [kind for name, kind in schema.type_map.items() if not name.startswith("__")]
    return {
        (kind.name, name)
        for kind in kinds
        if isinstance(kind, GraphQLObjectType)
        for name in kind.fields
    }
