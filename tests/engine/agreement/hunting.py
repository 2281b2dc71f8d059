"""Asks for what chance seldom meets: every row of a register, for one field."""

import json
from collections.abc import Iterator
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
from tests.engine.agreement.stage import Stage
from tests.engine.agreement.tally import Part

STEPS = 3  # from a root: page, row, and what a row holds
Path = tuple[str, ...]


def paths(schema: GraphQLSchema, kind: str) -> Iterator[Path]:
    """Yield the ways from a root to a type, through fields that need no argument."""
    assert schema.query_type is not None
    waiting: list[tuple[Path, GraphQLObjectType]] = [((), schema.query_type)]
    for way, owner in waiting:
        for name, field in owner.fields.items():
            below = get_named_type(field.type)
            if isinstance(below, GraphQLObjectType) and not _needs_more(field):
                if below.name == kind:
                    yield (*way, name)
                if len(way) < STEPS - 1:
                    waiting.append(((*way, name), below))


def _needs_more(field: GraphQLField) -> bool:
    return any(is_required_argument(argument) for argument in field.args.values())


async def hunt(stage: Stage, judge: Judge, part: Part) -> tuple[bool, list[Verdict]]:
    """Ask on each way to the owner, page by page, until the field has a value.

    Returns:
        whether it had one, and what the answers were judged.
    """
    kind, name = part
    verdicts: list[Verdict] = []
    owner, query = stage.schema.type_map[kind], stage.schema.query_type
    assert isinstance(owner, GraphQLObjectType)
    assert query is not None
    is_leaf = is_leaf_type(get_named_type(owner.fields[name].type))
    for root, *way in paths(stage.schema, kind):
        asked = f"found: {name}" if is_leaf else f"found: {name} {{ __typename }}"
        for step in reversed(way):
            asked = f"{step} {{ {asked} }}"
        has_pages = "after" in query.fields[root].args
        after: str | None = None
        while True:
            page = _page(root, asked, after) if has_pages else (f"{{ {root} {{ {asked} }} }}", {})
            request = Request(*page)
            verdicts.append(await judge.compare(stage.people["owner"], request))
            data = json.loads(verdicts[-1].reference.body).get("data") or {}
            if any(value is not None and value != [] for value in _values(data, (root, *way))):
                return True, verdicts
            after = data[root]["more"]["endCursor"] if has_pages and data.get(root) else None
            if after is None:
                break
    return False, verdicts


def _page(root: str, asked: str, after: str | None) -> tuple[str, dict[str, Any]]:
    call = f"{root}(first: 25, after: $after) {{ {asked} more: pageInfo {{ endCursor }} }}"
    return f"query ($after: String) {{ {call} }}", {"after": after}


def _values(data: Any, way: Path) -> Iterator[Any]:
    """Yield what was found at the end of a way."""
    if isinstance(data, list):
        for item in data:
            yield from _values(item, way)
    elif isinstance(data, dict):
        yield from _values(data.get(way[0]), way[1:]) if way else [data["found"]]
