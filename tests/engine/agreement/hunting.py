"""Asks for what chance seldom meets: every row of a register, for the fields that are left."""

import json
from collections.abc import Iterator, Set
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from tests.engine.agreement.comparison import Judge, Request, Verdict
from tests.engine.agreement.known import Known
from tests.engine.agreement.literals import spelled
from tests.engine.agreement.stage import Stage

STEPS = 3  # from a root: page, row, and what a row holds
DEEPEST = 8
Path = tuple[str, ...]  # fields, with the arguments that they need


def paths(schema: GraphQLSchema, known: Known, kind: str) -> Iterator[Path]:
    """Yield the ways from a root to a type, through fields that need no argument, or known ones.

    Beyond `STEPS`, one way to each type is enough, but each to a type right above.
    """
    assert schema.query_type is not None
    seen = set[str]()
    waiting: list[tuple[Path, GraphQLObjectType]] = [((), schema.query_type)]
    for way, owner in waiting:
        for name, field in owner.fields.items():
            below = get_named_type(field.type)
            if not isinstance(below, GraphQLObjectType):
                continue
            for call in _calls(known, name, field):
                if below.name == kind:
                    yield (*way, call)
                is_new = below.name not in seen and len(way) < DEEPEST
                if len(way) < STEPS - 1 or is_new or (len(way) < STEPS and _leads(below, kind)):
                    waiting.append(((*way, call), below))
                seen.add(below.name)


def _leads(owner: GraphQLObjectType, kind: str) -> bool:
    return any(get_named_type(field.type).name == kind for field in owner.fields.values())


def _calls(known: Known, name: str, field: GraphQLField) -> Iterator[str]:
    """Write a field with as many arguments as it needs, in each way that finds something."""
    if not any(is_required_argument(argument) for argument in field.args.values()):
        yield name
        return
    for hit in known.hits.get(name, []):
        yield f"{name}({', '.join(f'{one}: {spelled(value)}' for one, value in hit.items())})"


async def hunt(
    stage: Stage, judge: Judge, kind: str, names: Set[str]
) -> tuple[Set[str], list[Verdict]]:
    """Ask on each way to a type, page by page, until all these fields of it had a value.

    Returns:
        the fields that never had one, and what the answers were judged.
    """
    query = stage.schema.query_type
    if query is not None and kind == query.name:
        return await _hunt_roots(stage, judge, query, names)
    left, verdicts = set(names), list[Verdict]()
    for root, *way in paths(stage.schema, stage.known, kind):
        if not left:
            break
        after: str | None = None
        while left:
            request = _request(stage.schema, kind, sorted(left), (root, *way), after)
            verdicts.append(await judge.compare(stage.people["owner"], request))
            data = json.loads(verdicts[-1].reference.body).get("data") or {}
            for found in _found(data, (root, *way)):
                left -= {name for name, value in found.items() if value is not None and value != []}
            page = data.get(_name(root))
            if not isinstance(page, dict) or "more" not in page or not page["more"]["endCursor"]:
                break
            after = page["more"]["endCursor"]
    return left, verdicts


async def _hunt_roots(
    stage: Stage, judge: Judge, query: GraphQLObjectType, names: Set[str]
) -> tuple[Set[str], list[Verdict]]:
    """Ask for root fields in each way that finds something, until each had a value."""
    left, verdicts = set(names), list[Verdict]()
    for name in sorted(names):
        field = query.fields[name]
        below = "" if is_leaf_type(get_named_type(field.type)) else " { __typename }"
        for call in _root_calls(stage.known, name, field):
            request = Request(f"{{ {call}{below} }}")
            verdicts.append(await judge.compare(stage.people["owner"], request))
            data = json.loads(verdicts[-1].reference.body).get("data") or {}
            if data.get(name) is not None:
                left.remove(name)
                break
    return left, verdicts


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
    schema: GraphQLSchema, kind: str, names: list[str], way: Path, after: str | None
) -> Request:
    """Ask for fields of a type at the end of a way; of a register, for the page after a cursor."""
    owner, query = schema.type_map[kind], schema.query_type
    assert isinstance(owner, GraphQLObjectType)
    assert query is not None
    leaves = {name for name in names if is_leaf_type(get_named_type(owner.fields[name].type))}
    asked = " ".join(name if name in leaves else f"{name} {{ __typename }}" for name in names)
    root, *steps = way
    for step in reversed(steps):
        asked = f"{step} {{ {asked} }}"
    if "after" not in query.fields[_name(root)].args:
        return Request(f"{{ {root} {{ {asked} }} }}")
    call = f"{root}(first: 25, after: $after) {{ {asked} more: pageInfo {{ endCursor }} }}"
    return Request(f"query ($after: String) {{ {call} }}", {"after": after})


def _found(data: Any, way: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects at the end of a way."""
    if isinstance(data, list):
        for item in data:
            yield from _found(item, way)
    elif isinstance(data, dict):
        yield from _found(data.get(_name(way[0])), way[1:]) if way else [data]


def _name(call: str) -> str:
    return call.partition("(")[0]
