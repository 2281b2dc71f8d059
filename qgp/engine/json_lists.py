"""Lists that PostgreSQL writes as one JSON text per key, in place of one row per item.

That is possible if no part of the list is made in Python; cursors and `pageInfo` are.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from qgp.engine import plan
from qgp.engine.plan import Items, Object, Page, Related, ToMany, ToOne
from qgp.engine.scalars import Element, literal
from qgp.kit.loader import Many


def is_single_statement(node: plan.Node, *, lists: bool) -> bool:
    """Return whether one statement can write a node with everything below it.

    Args:
        lists: whether the statement may write lists below the node.
    """
    match node:
        case plan.Cursor():
            return False
        case Object(fields):
            return all(is_single_statement(field, lists=lists) for _, field in fields)
        case ToOne(object=object):
            return is_single_statement(object, lists=lists)
        case ToMany() | Page():
            return lists and is_json_list(node, lists=lists)
    return True


def is_json_list(node: Related, *, lists: bool) -> bool:
    """Return whether PostgreSQL can write a list as one JSON text."""
    match node:
        case ToMany(loader=Many(), object=object):
            return is_single_statement(object, lists=lists)
        case Page(fields=fields):
            return all(
                is_single_statement(field.object, lists=lists)
                if isinstance(field, Items)
                else not isinstance(field, plan.PageInfo)
                for _, field in fields
            )
    return False


def has_items(node: Related) -> bool:
    """Return whether the rows of a list are written, not only counted."""
    return not isinstance(node, Page) or bool(node.items)


def json_array(text: Element, order: Sequence[Any]) -> list[str | Element]:
    """Return the parts of a JSON array of the texts of all rows, in an order."""
    joined = sa.func.string_agg(text, aggregate_order_by(literal(","), *order))
    return ["[", sa.func.coalesce(joined, literal("")), "]"]


def json_connection(
    fields: Sequence[tuple[str, plan.PageField]],
    items: Callable[[Object], list[str | Element]],
    total: Callable[[], Element],
) -> list[str | Element]:
    """Return the parts of a connection as a JSON object."""
    parts: list[str | Element] = ["{"]
    for index, (name, field) in enumerate(fields):
        parts.append(f'{"," if index else ""}"{name}":')
        match field:
            case plan.Constant(json):
                parts.append(json)
            case Items(object):
                parts += items(object)
            case plan.TotalCount():
                parts.append(total())
    return [*parts, "}"]
