"""Asks for what chance seldom meets: every row of a register, for one field."""

import json
from collections.abc import Iterator

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type, is_leaf_type

from tests.engine.agreement.comparison import Judge, Request, Verdict
from tests.engine.agreement.stage import Stage
from tests.engine.agreement.tally import Part


def registers(schema: GraphQLSchema, kind: str) -> Iterator[str]:
    """Yield the roots that list the rows of a type."""
    assert schema.query_type is not None
    for name, root in schema.query_type.fields.items():
        connection = get_named_type(root.type)
        fields = connection.fields if isinstance(connection, GraphQLObjectType) else {}
        if "nodes" in fields and get_named_type(fields["nodes"].type).name == kind:
            yield name


async def hunt(stage: Stage, judge: Judge, part: Part) -> tuple[bool, list[Verdict]]:
    """Ask the owner's registers, page by page, until the field has a value.

    Returns:
        whether it had one, and what the answers were judged.
    """
    kind, name = part
    verdicts: list[Verdict] = []
    owner = stage.schema.type_map[kind]
    assert isinstance(owner, GraphQLObjectType)
    is_leaf = is_leaf_type(get_named_type(owner.fields[name].type))
    asked = name if is_leaf else f"{name} {{ __typename }}"
    for root in registers(stage.schema, kind):
        after, is_more = None, True
        while is_more:
            page = f"nodes {{ {asked} }} pageInfo {{ endCursor hasNextPage }}"
            call = f"{root}(first: 100, after: $after) {{ {page} }}"
            document = f"query ($after: String) {{ {call} }}"
            request = Request(document, {"after": after}, None, "application/json")
            verdicts.append(await judge.compare(stage.people["owner"], request))
            found = json.loads(verdicts[-1].reference.body)["data"][root]
            if any(row[name] is not None for row in found["nodes"]):
                return True, verdicts
            after, is_more = found["pageInfo"]["endCursor"], found["pageInfo"]["hasNextPage"]
    return False, verdicts
