"""Directed search for fields that random operations did not reach."""

import json
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from itertools import islice
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_object_type,
    is_required_argument,
)

from tests.engine.agreement.comparison import Judge, Request, Verdict
from tests.engine.agreement.literals import spelled
from tests.engine.agreement.sample_data import SampleData
from tests.engine.agreement.sample_reader import batched
from tests.engine.agreement.stage import Stage

STEPS = 3  # from a root: page, row, and what a row holds
DEEPEST = 8
A_FEW = 5  # rows
AT_ONCE = 8  # types in one document: so often may it name one field
Path = tuple[str, ...]  # fields, with the arguments that they need


def paths(schema: GraphQLSchema, sample: SampleData, kind: str) -> Iterator[Path]:
    """Yield the paths from a root to a type; required arguments are taken from the sample.

    Beyond `STEPS`, one path to each type is enough, but all to the type directly above.
    """
    assert schema.query_type is not None
    seen = set[str]()
    waiting: list[tuple[Path, GraphQLObjectType]] = [((), schema.query_type)]
    for path, owner in waiting:
        for name, field, below in _objects(owner):
            for call in _calls(sample, name, field):
                if below.name == kind:
                    yield (*path, call)
                is_new = below.name not in seen and len(path) < DEEPEST
                if len(path) < STEPS - 1 or is_new or (len(path) < STEPS and _leads(below, kind)):
                    waiting.append(((*path, call), below))
                seen.add(below.name)


@cache
def _objects(owner: GraphQLObjectType) -> Sequence[tuple[str, GraphQLField, GraphQLObjectType]]:
    """Return the fields of a type that lead to objects of one type, and to which."""
    kinds = [(name, field, get_named_type(field.type)) for name, field in owner.fields.items()]
    return [(name, field, kind) for name, field, kind in kinds if is_object_type(kind)]


def _leads(owner: GraphQLObjectType, kind: str) -> bool:
    return any(below.name == kind for _, _, below in _objects(owner))


def _calls(sample: SampleData, name: str, field: GraphQLField) -> Iterator[str]:
    """Yield a field with its required arguments, once for each sample that matches."""
    if not any(is_required_argument(argument) for argument in field.args.values()):
        yield name
        return
    for hit in sample.hits.get(name, []):
        yield f"{name}({', '.join(f'{one}: {spelled(value)}' for one, value in hit.items())})"


async def hunt(
    stage: Stage, judge: Judge, missing: Mapping[str, Set[str]]
) -> tuple[dict[str, set[str]], list[Verdict]]:
    """Ask for fields by type until all had a value: of many types at once, then of each alone.

    Returns:
        the fields that never had one, and what the answers were judged.
    """
    left = {kind: {*names} for kind, names in missing.items()}
    query = stage.schema.query_type
    assert query is not None
    verdicts = [verdict async for verdict in _sweep(stage, judge, query, left)]
    for kind, names in left.items():
        if kind == query.name:
            verdicts += [verdict async for verdict in _hunt_roots(stage, judge, query, names)]
        elif names:
            verdicts += [verdict async for verdict in _hunt_one(stage, judge, kind, names)]
    return {kind: names for kind, names in left.items() if names}, verdicts


async def _sweep(
    stage: Stage, judge: Judge, query: GraphQLObjectType, left: Mapping[str, set[str]]
) -> AsyncIterator[Verdict]:
    """Select on the first path to each type, and remove the fields that had a value.

    A few rows of each list: what they lack is cheaper to hunt alone than to read with all rows.
    """
    first_paths = {
        kind: (_brief(query, path[0]), *path[1:])
        for kind in left
        if kind != query.name
        for path in islice(paths(stage.schema, stage.sample, kind), 1)
    }
    for some in batched(first_paths.items(), AT_ONCE):
        fields = [
            f"a{n}: {_selection(stage.schema, kind, sorted(left[kind]), path)}"
            for n, (kind, path) in enumerate(some)
        ]
        verdict, data = await _ask(stage, judge, Request(f"{{ {' '.join(fields)} }}"))
        for n, (kind, (_, *steps)) in enumerate(some):
            _take_off(left[kind], data.get(f"a{n}"), steps)
        yield verdict
    names = left.get(query.name, set())
    calls = [next(_root_calls(stage.sample, name, query.fields[name]), None) for name in names]
    for roots in batched([call for call in calls if call], AT_ONCE):
        selections = [_root_selection(query, call) for call in roots]
        verdict, data = await _ask(stage, judge, Request(f"{{ {' '.join(selections)} }}"))
        names -= {name for name, value in data.items() if value is not None}
        yield verdict


def _brief(query: GraphQLObjectType, root: str) -> str:
    """Limit a root that lists rows to a few of them."""
    is_list = root in query.fields and "first" in query.fields[root].args
    return f"{root}(first: {A_FEW})" if is_list else root


async def _hunt_one(
    stage: Stage, judge: Judge, kind: str, left: set[str]
) -> AsyncIterator[Verdict]:
    """Select on each path to a type, page by page, until all these fields had a value."""
    for root, *path in paths(stage.schema, stage.sample, kind):
        after: str | None = None
        while left:
            request = _request(stage.schema, kind, sorted(left), (root, *path), after)
            verdict, data = await _ask(stage, judge, request)
            page = data.get(_name(root))
            _take_off(left, page, path)
            yield verdict
            if not isinstance(page, dict) or "more" not in page or not page["more"]["endCursor"]:
                break
            after = page["more"]["endCursor"]
        if not left:
            break


async def _hunt_roots(
    stage: Stage, judge: Judge, query: GraphQLObjectType, left: set[str]
) -> AsyncIterator[Verdict]:
    """Select root fields with each sample that matches, until each had a value."""
    for name in sorted(left):
        for call in _root_calls(stage.sample, name, query.fields[name]):
            request = Request(f"{{ {_root_selection(query, call)} }}")
            verdict, data = await _ask(stage, judge, request)
            yield verdict
            if data.get(name) is not None:
                left.remove(name)
                break


async def _ask(stage: Stage, judge: Judge, request: Request) -> tuple[Verdict, Mapping[str, Any]]:
    verdict = await judge.compare(stage.people["owner"], request)
    return verdict, json.loads(verdict.resolvers.body).get("data") or {}


def _take_off(left: set[str], data: Any, path: Sequence[str]) -> None:
    """Remove the fields that have a value in an object at the end of a path."""
    for row in _found(data, path):
        left -= {name for name, value in row.items() if value is not None and value != []}


def _root_selection(query: GraphQLObjectType, call: str) -> str:
    is_leaf = is_leaf_type(get_named_type(query.fields[_name(call)].type))
    return call if is_leaf else f"{call} {{ __typename }}"


def _root_calls(sample: SampleData, name: str, field: GraphQLField) -> Iterator[str]:
    """Yield a root field with the id of an existing record, if it takes a key or several ids."""
    ids = sample.values[get_named_type(field.type).name, "id"] or sample.ids()[0]
    if "by" in field.args:
        yield f"{name}(by: {{id: {spelled(ids[0])}}})"
    elif "ids" in field.args:
        yield f"{name}(ids: [{spelled(ids[0])}])"
    else:
        yield from _calls(sample, name, field)


def _request(
    schema: GraphQLSchema, kind: str, names: Iterable[str], path: Path, after: str | None
) -> Request:
    """Return a request for fields at the end of a path; of a listing, after a cursor."""
    assert schema.query_type is not None
    root, *steps = path
    if "after" not in schema.query_type.fields[_name(root)].args:
        return Request(f"{{ {_selection(schema, kind, names, path)} }}")
    page = f"{_fields(schema, kind, names, steps)} more: pageInfo {{ endCursor }}"
    call = f"{root}(first: 25, after: $after) {{ {page} }}"
    return Request(f"query ($after: String) {{ {call} }}", {"after": after})


def _selection(schema: GraphQLSchema, kind: str, names: Iterable[str], path: Path) -> str:
    """Return the selection of fields of a type at the end of a path."""
    root, *steps = path
    return f"{root} {{ {_fields(schema, kind, names, steps)} }}"


def _fields(schema: GraphQLSchema, kind: str, names: Iterable[str], steps: Sequence[str]) -> str:
    """Return the selection of fields of a type below these steps."""
    owner = schema.type_map[kind]
    assert isinstance(owner, GraphQLObjectType)
    leaves = {name for name in names if is_leaf_type(get_named_type(owner.fields[name].type))}
    selections = " ".join(name if name in leaves else f"{name} {{ __typename }}" for name in names)
    for step in reversed(steps):
        selections = f"{step} {{ {selections} }}"
    return selections


def _found(data: Any, path: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects at the end of a path."""
    if isinstance(data, list):
        for item in data:
            yield from _found(item, path)
    elif isinstance(data, dict):
        yield from _found(data.get(_name(path[0])), path[1:]) if path else [data]


def _name(call: str) -> str:
    return call.partition("(")[0]
