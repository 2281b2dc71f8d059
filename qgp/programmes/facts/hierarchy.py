"""What lies below or above a node of a tree, in SQL."""

from typing import Any

import sqlalchemy as sa


def with_ancestors(start: Any, tree: Any, name: str) -> Any:
    """Return a table `key`, `id`: what stands above each `id` of `start`, itself included.

    Args:
        start: selects `key` and `id`.
        tree: a table `id`, `parent_id`.
        name: of the table.
    """
    above = start.cte(name, recursive=True)
    further = sa.select(above.c.key, tree.c.parent_id).join(tree, tree.c.id == above.c.id)
    return above.union(further.where(tree.c.parent_id.is_not(None)))


def with_descendants(start: Any, tree: Any, name: str) -> Any:
    """Return a table `key`, `id`: what lies below each `id` of `start`, itself included."""
    below = start.cte(name, recursive=True)
    further = sa.select(below.c.key, tree.c.id).join(below, tree.c.parent_id == below.c.id)
    return below.union(further)
