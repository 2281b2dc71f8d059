"""Lists that PostgreSQL writes whole: one text for each key, in place of one row for each item.

A list can be written whole if no part of it is made in Python: cursors are, and facts of pages.
"""

from collections.abc import Callable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from qgp.engine import plan
from qgp.engine.plan import Items, Object, Page, Related, ToMany, ToOne
from qgp.engine.scalars import Element, literal
from qgp.kit.loader import Many


def is_written(node: plan.Node, *, lists: bool) -> bool:
    """Say whether one statement writes all of a node.

    Args:
        lists: whether lists inside count as written.
    """
    match node:
        case plan.Cursor():
            return False
        case Object(fields):
            return all(is_written(part, lists=lists) for _, part in fields)
        case ToOne(object=object):
            return is_written(object, lists=lists)
        case ToMany() | Page():
            return lists and is_text(node, lists=lists)
    return True


def is_text(node: Related, *, lists: bool) -> bool:
    """Say whether PostgreSQL can write a list whole."""
    match node:
        case ToMany(loader=Many(), object=object):
            return is_written(object, lists=lists)
        case Page(fields=fields):
            return all(
                is_written(part.object, lists=lists)
                if isinstance(part, Items)
                else not isinstance(part, plan.PageInfo)
                for _, part in fields
            )
    return False


def has_items(node: Related) -> bool:
    """Say whether a list is written at all, or only told how long it is."""
    return not isinstance(node, Page) or any(isinstance(part, Items) for _, part in node.fields)


def gathered(text: Element, order: Sequence[Any]) -> list[str | Element]:
    """Return the parts of a list of texts in an order."""
    joined = sa.func.string_agg(text, aggregate_order_by(literal(","), *order))
    return ["[", sa.func.coalesce(joined, literal("")), "]"]


def connection(
    fields: Sequence[tuple[str, Any]],
    items: Callable[[Object], list[str | Element]],
    total: Callable[[], Element],
) -> list[str | Element]:
    """Return the parts of a connection."""
    parts: list[str | Element] = ["{"]
    for index, (name, part) in enumerate(fields):
        parts.append(f'{"," if index else ""}"{name}":')
        match part:
            case plan.Constant(json):
                parts.append(json)
            case Items(object):
                parts += items(object)
            case plan.TotalCount():
                parts.append(total())
    return [*parts, "}"]
