"""How many rows a plan can read at the most, by the lengths of its pages."""

from collections.abc import Sequence

from qgp.engine import plan
from qgp.engine.arguments import BoundArguments, PageArguments
from qgp.engine.plan import Items, Object, Page, Plan, RecordLookup, ToMany, ToOne


def row_bound(found: Plan, bound: Sequence[BoundArguments]) -> int:
    """Return the most rows of lists that the plan can read."""
    roots = [root for _, root in found.roots] + ([found.beneath] if found.beneath else [])
    return sum(_rows(root, bound) for root in roots)


def _rows(node: plan.Node | plan.Root, bound: Sequence[BoundArguments]) -> int:
    match node:
        case Object(fields):
            return sum(_rows(part, bound) for _, part in fields)
        case ToOne(object=object):
            return _rows(object, bound)
        case ToMany(loader=loader, object=object):
            return loader.most * (1 + _rows(object, bound))
        case RecordLookup(objects=objects):
            return max((_rows(object, bound) for object in objects.values() if object), default=0)
        case Page(fields=fields, arguments=place):
            arguments = bound[place]
            assert isinstance(arguments, PageArguments)
            lists = [part.object for _, part in fields if isinstance(part, Items)]
            below = sum(_rows(object, bound) for object in lists)
            return arguments.asked.view.size * (1 + below)
    return 0
