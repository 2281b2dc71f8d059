"""Upper bound of the rows that a plan reads, derived from the sizes of its pages."""

from collections.abc import Sequence

from qgp.engine import plan
from qgp.engine.arguments import BoundArguments, PageArguments
from qgp.engine.plan import Items, Object, Page, Plan, RecordLookup, ToMany, ToOne


def row_bound(query: Plan, arguments: Sequence[BoundArguments]) -> int:
    """Return how many rows of lists the plan reads at most."""
    roots: list[plan.Node | plan.Root] = [root for _, root in query.roots]
    if query.relation is not None:
        roots.append(query.relation)
    return sum(_rows(root, arguments) for root in roots)


def _rows(node: plan.Node | plan.Root, arguments: Sequence[BoundArguments]) -> int:
    match node:
        case Object(fields):
            return sum(_rows(field, arguments) for _, field in fields)
        case ToOne(object=object):
            return _rows(object, arguments)
        case ToMany(loader=loader, object=object):
            return loader.most * (1 + _rows(object, arguments))
        case RecordLookup(objects=objects):
            bounds = (_rows(object, arguments) for object in objects.values() if object)
            return max(bounds, default=0)
        case Page(fields=fields, arguments=index):
            page = arguments[index]
            assert isinstance(page, PageArguments)
            items = [field.object for _, field in fields if isinstance(field, Items)]
            per_row = sum(_rows(object, arguments) for object in items)
            return page.listing.bounds.size * (1 + per_row)
    return 0
