"""Asks for what chance seldom meets: every row of a register, for the fields that are left."""

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
from tests.engine.agreement.gathering import batched
from tests.engine.agreement.known import Known
from tests.engine.agreement.literals import spelled
from tests.engine.agreement.stage import Stage

STEPS = 3  # from a root: page, row, and what a row holds
DEEPEST = 8
AT_ONCE = 8  # types in one document: so often may it name one field
Path = tuple[str, ...]  # fields, with the arguments that they need


def paths(schema: GraphQLSchema, known: Known, kind: str) -> Iterator[Path]:
    """Yield the ways from a root to a type, through fields that need no argument, or known ones.

    Beyond `STEPS`, one way to each type is enough, but each to a type right above.
    """
    assert schema.query_type is not None
    seen = set[str]()
    waiting: list[tuple[Path, GraphQLObjectType]] = [((), schema.query_type)]
    for way, owner in waiting:
        for name, field, below in _objects(owner):
            for call in _calls(known, name, field):
                if below.name == kind:
                    yield (*way, call)
                is_new = below.name not in seen and len(way) < DEEPEST
                if len(way) < STEPS - 1 or is_new or (len(way) < STEPS and _leads(below, kind)):
                    waiting.append(((*way, call), below))
                seen.add(below.name)


@cache
def _objects(owner: GraphQLObjectType) -> Sequence[tuple[str, GraphQLField, GraphQLObjectType]]:
    """Return the fields of a type that lead to objects of one type, and to which."""
    kinds = [(name, field, get_named_type(field.type)) for name, field in owner.fields.items()]
    return [(name, field, kind) for name, field, kind in kinds if is_object_type(kind)]


def _leads(owner: GraphQLObjectType, kind: str) -> bool:
    return any(below.name == kind for _, _, below in _objects(owner))


def _calls(known: Known, name: str, field: GraphQLField) -> Iterator[str]:
    """Write a field with as many arguments as it needs, in each way that finds something."""
    if not any(is_required_argument(argument) for argument in field.args.values()):
        yield name
        return
    for hit in known.hits.get(name, []):
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
    """Ask on the first way to each type, several types in one document; take off what is met."""
    ways = {
        kind: way
        for kind in left
        if kind != query.name
        for way in islice(paths(stage.schema, stage.known, kind), 1)
    }
    for some in batched(ways.items(), AT_ONCE):
        fields = [
            f"a{n}: {_selection(stage.schema, kind, sorted(left[kind]), way)}"
            for n, (kind, way) in enumerate(some)
        ]
        verdict, data = await _ask(stage, judge, Request(f"{{ {' '.join(fields)} }}"))
        for n, (kind, (_, *steps)) in enumerate(some):
            _take_off(left[kind], data.get(f"a{n}"), steps)
        yield verdict
    names = left.get(query.name, set())
    calls = [next(_root_calls(stage.known, name, query.fields[name]), None) for name in names]
    for roots in batched([call for call in calls if call], AT_ONCE):
        selections = [_root_selection(query, call) for call in roots]
        verdict, data = await _ask(stage, judge, Request(f"{{ {' '.join(selections)} }}"))
        names -= {name for name, value in data.items() if value is not None}
        yield verdict


async def _hunt_one(
    stage: Stage, judge: Judge, kind: str, left: set[str]
) -> AsyncIterator[Verdict]:
    """Ask on each way to a type, page by page, until all these fields of it had a value."""
    for root, *way in paths(stage.schema, stage.known, kind):
        after: str | None = None
        while left:
            request = _request(stage.schema, kind, sorted(left), (root, *way), after)
            verdict, data = await _ask(stage, judge, request)
            page = data.get(_name(root))
            _take_off(left, page, way)
            yield verdict
            if not isinstance(page, dict) or "more" not in page or not page["more"]["endCursor"]:
                break
            after = page["more"]["endCursor"]
        if not left:
            break


async def _hunt_roots(
    stage: Stage, judge: Judge, query: GraphQLObjectType, left: set[str]
) -> AsyncIterator[Verdict]:
    """Ask for root fields in each way that finds something, until each had a value."""
    for name in sorted(left):
        for call in _root_calls(stage.known, name, query.fields[name]):
            request = Request(f"{{ {_root_selection(query, call)} }}")
            verdict, data = await _ask(stage, judge, request)
            yield verdict
            if data.get(name) is not None:
                left.remove(name)
                break


async def _ask(stage: Stage, judge: Judge, request: Request) -> tuple[Verdict, Mapping[str, Any]]:
    verdict = await judge.compare(stage.people["owner"], request)
    return verdict, json.loads(verdict.reference.body).get("data") or {}


def _take_off(left: set[str], data: Any, way: Sequence[str]) -> None:
    """Take off the fields that have a value in an object at the end of a way."""
    for row in _found(data, way):
        left -= {name for name, value in row.items() if value is not None and value != []}


def _root_selection(query: GraphQLObjectType, call: str) -> str:
    is_leaf = is_leaf_type(get_named_type(query.fields[_name(call)].type))
    return call if is_leaf else f"{call} {{ __typename }}"


def _root_calls(known: Known, name: str, field: GraphQLField) -> Iterator[str]:
    """Write a root field with a record that there is, where it takes a key or several ids."""
    ids = known.values[get_named_type(field.type).name, "id"] or known.ids()[0]
    if "by" in field.args:
        yield f"{name}(by: {{id: {spelled(ids[0])}}})"
    elif "ids" in field.args:
        yield f"{name}(ids: [{spelled(ids[0])}])"
    else:
        yield from _calls(known, name, field)


def _request(
    schema: GraphQLSchema, kind: str, names: Iterable[str], way: Path, after: str | None
) -> Request:
    """Ask for fields of a type at the end of a way; of a register, for the page after a cursor."""
    assert schema.query_type is not None
    root, *steps = way
    if "after" not in schema.query_type.fields[_name(root)].args:
        return Request(f"{{ {_selection(schema, kind, names, way)} }}")
    page = f"{_fields(schema, kind, names, steps)} more: pageInfo {{ endCursor }}"
    call = f"{root}(first: 25, after: $after) {{ {page} }}"
    return Request(f"query ($after: String) {{ {call} }}", {"after": after})


def _selection(schema: GraphQLSchema, kind: str, names: Iterable[str], way: Path) -> str:
    """Write the selection of fields of a type at the end of a way."""
    root, *steps = way
    return f"{root} {{ {_fields(schema, kind, names, steps)} }}"


def _fields(schema: GraphQLSchema, kind: str, names: Iterable[str], steps: Sequence[str]) -> str:
    """Write fields of a type below as many steps."""
    owner = schema.type_map[kind]
    assert isinstance(owner, GraphQLObjectType)
    leaves = {name for name in names if is_leaf_type(get_named_type(owner.fields[name].type))}
    selections = " ".join(name if name in leaves else f"{name} {{ __typename }}" for name in names)
    for step in reversed(steps):
        selections = f"{step} {{ {selections} }}"
    return selections


def _found(data: Any, way: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects at the end of a way."""
    if isinstance(data, list):
        for item in data:
            yield from _found(item, way)
    elif isinstance(data, dict):
        yield from _found(data.get(_name(way[0])), way[1:]) if way else [data]


def _name(call: str) -> str:
    return call.partition("(")[0]
