"""Root fields `node` and `nodes`: records of any kind by public id."""

import asyncio
from typing import Annotated, Any

import strawberry

from qgp.kit.errors import TooLong, max_items
from qgp.kit.gql.bounds import BOUND, Bound
from qgp.kit.gql.declarations import DECLARED, AnyRecord
from qgp.kit.gql.fields import Info, Node, argument
from qgp.kit.gql.roots import Requires
from qgp.kit.model import Record
from qgp.kit.policy import EVERYONE, Permission
from qgp.kit.visibility import NODES

MOST_NODES = 100
LOOK_UP = Permission("node:read", EVERYONE)


ANY = AnyRecord(NODES)


async def load_node(info: Info, text: str, *path: str) -> Record | None:
    """Return the record of a public id; None where it is missing or hidden from the caller."""
    loader, id = ANY.named(text, *path)
    if loader is None or not info.context.caller.may(loader.read):
        return None
    row: Record | None = await info.context.load(loader, id)
    return row


async def _node(
    info: Info, id: Annotated[strawberry.ID, argument("Public id of a record of any kind.")]
) -> Any:
    return await load_node(info, id, "id")


async def _nodes(
    info: Info,
    ids: Annotated[
        list[strawberry.ID], argument("Public ids of records of any kind; at most 100.")
    ],
) -> Any:
    if len(ids) > MOST_NODES:
        raise TooLong(
            f"Send at most {MOST_NODES} ids at once; these are {len(ids)}.",
            "ids",
            constraint=max_items(MOST_NODES),
        )
    return await asyncio.gather(
        *[load_node(info, id, "ids", str(index)) for index, id in enumerate(ids)]
    )


_one: Any = strawberry.field(
    _node,
    description="Record of any kind by its id; null where it is missing or hidden from you.",
    extensions=[Requires(LOOK_UP)],
    metadata={DECLARED: ANY},
)
_several: Any = strawberry.field(
    _nodes,
    description=f"Records of any kind by their ids, in the order of the ids, null where missing or "
    f"hidden from you; at most {MOST_NODES}.",
    extensions=[Requires(LOOK_UP)],
    metadata={BOUND: Bound(MOST_NODES, "ids")},
)


@strawberry.type
class Query:
    """Root fields that read records of any kind."""

    node: Node | None = _one
    nodes: list[Node | None] | None = _several
