"""From a plan and the shapes of its arguments to levels: the SQL of each, and its templates."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased

from qgp.engine import plan
from qgp.engine.access import Access, is_personal
from qgp.engine.arguments import PageShape
from qgp.engine.levels import (
    Beneath,
    CountByKey,
    Fixed,
    Keyed,
    Level,
    ManyByKey,
    OneByKey,
    PageByKey,
    Whole,
)
from qgp.engine.pieces import Rows, split
from qgp.engine.plan import LookUp, Object, Page, Plan, Related, Root, ToMany, ToOne
from qgp.engine.program import Answering, Program
from qgp.engine.statements import Statement, compiled
from qgp.kit.gql import conditions
from qgp.kit.listing import windowed
from qgp.kit.loader import Linked, Many, One
from qgp.kit.model import Record
from qgp.kit.policy import Permission

Gate = sa.ColumnElement[bool]


class Compiler:
    """Compiles one plan for one access and the shapes of one request's arguments.

    Args:
        gate: what must hold for the first statement to return anything, if anything must.
    """

    def __init__(self, access: Access, shapes: Sequence[Any], gate: Gate | None) -> None:
        self.caller = access.caller
        self._shapes = shapes
        self._gate = gate
        self._names: set[str] = set()

    def program(self, found: Plan) -> Program:
        """Compile the whole plan."""
        roots = {name: self._root(root) for name, root in found.roots}
        node = found.beneath
        beneath = Beneath(self.below(node), node.key) if node else None
        return Program(roots, any(map(is_personal, self._names)), beneath)

    def _root(self, root: Root) -> Answering:
        match root:
            case plan.Constant(json):
                return Fixed(json.encode())
            case Page():
                return Whole(self.page(root, is_below=False))
            case LookUp():
                loader = self._shapes[root.arguments]
                object = root.objects[loader]
                if object is None:
                    return Fixed(b"null")
                return Keyed(self.one(loader, object), root.arguments)

    def below(self, node: Related) -> Level:
        """Compile the level that answers for a relation."""
        match node:
            case ToOne():
                return self.one(node.loader, node.object)
            case ToMany(loader=Many() as loader):
                return self._many(loader, node.object)
            case ToMany(loader=Linked() as loader):
                return self._linked(loader, node.object)
            case Page():
                return self.page(node, is_below=True)
        raise AssertionError(node)

    def one(self, loader: One[Any], object: Object) -> OneByKey:
        """Compile a level of at most one row for each key."""
        keys = _keys(loader.by.type)
        rows = Rows(self, loader.model, keys.c.n)
        template = rows.template(object)
        visible = loader.read.visible(self.caller)
        wanted = sa.select(*rows.columns).select_from(keys)
        wanted = wanted.join(loader.model, loader.by == keys.c.id)
        wanted = rows.joined(wanted).where(*visible, *loader.where)
        return OneByKey(self._first(wanted), template)

    def _many(self, loader: Many[Any], object: Object) -> ManyByKey:
        keys = _keys(loader.by.type)
        rows = Rows(self, loader.model, keys.c.n)
        template = rows.template(object)
        visible = loader.read.visible(self.caller)
        wanted = sa.select(*rows.columns).select_from(keys)
        wanted = wanted.join(loader.model, loader.by == keys.c.id)
        wanted = rows.joined(wanted).where(*visible).order_by(keys.c.n, *loader.order)
        return ManyByKey(self._made(wanted), template)

    def _linked(self, loader: Linked[Any], object: Object) -> ManyByKey:
        keys = _keys(sa.Uuid())
        links = loader.links(self.caller, lambda column: column == sa.any_(_ALL))
        rows = Rows(self, loader.model, keys.c.n)
        template = rows.template(object)
        visible = loader.read.visible(self.caller)
        wanted = sa.select(*rows.columns).select_from(keys).join(links, links.c.key == keys.c.id)
        wanted = wanted.join(loader.model, loader.model.id == links.c.id)
        wanted = rows.joined(wanted).where(*visible).order_by(keys.c.n, links.c.place)
        return ManyByKey(self._made(wanted), template)

    def page(self, node: Page, *, is_below: bool) -> PageByKey:
        """Compile a window of a register, below each key or whole."""
        shape: PageShape = self._shapes[node.arguments]
        listing, place = node.listing, node.arguments
        keys = _keys(sa.Uuid())
        among = [listing.parent == keys.c.id] if is_below and listing.parent is not None else []
        limits = [*among, *self._limits(listing.read, shape, place)]
        order = listing.keys(shape.order)
        wants = {fact.name for part in node.fields for fact in _facts(part[1])}
        extra = int(bool(wants & {"has_next_page", "has_previous_page"}))
        inner = windowed(
            sa.select(listing.model).where(*limits),
            order,
            backward=shape.backward,
            place=self._start(shape, place, [key.column for key in order]),
            limit=sa.bindparam(f"s{place}", type_=sa.Integer) + extra,
        )
        source = inner.correlate(keys).lateral("page") if is_below else inner.subquery("page")
        row = aliased(listing.model, source)
        rows = Rows(self, row, *([keys.c.n] if is_below else []))
        rows.order = place, tuple(key.column.key for key in order)
        items = [
            rows.template(part.object) for _, part in node.fields if isinstance(part, plan.Items)
        ]
        cursors = rows.order_columns() if wants & {"start_cursor", "end_cursor"} else ()
        if not rows.columns:
            rows.add(sa.literal_column("1"))
        wanted = sa.select(*rows.columns)
        wanted = wanted.select_from(keys.join(source, sa.true()) if is_below else source)
        wanted = rows.joined(wanted).order_by(
            *([keys.c.n] if is_below else []),
            *[_towards(row, key.column.key, key.descending != shape.backward) for key in order],
        )
        total = None
        if any(isinstance(part, plan.Total) for _, part in node.fields):
            total = self._total(listing.model, limits, keys if is_below else None)
        text, parts = split(node.fields)
        statement = self._made(wanted) if is_below else self._first(wanted)
        return PageByKey(
            statement, place, is_below, tuple(items), tuple(cursors), text, parts, total
        )

    def _total(self, model: type[Record], limits: Sequence[Any], keys: Any | None) -> CountByKey:
        count = sa.func.count()
        if keys is None:
            whole: Any = sa.select(sa.literal_column("1"), count)
            return CountByKey(self._made(whole.select_from(model).where(*limits)))
        counted = sa.select(count).select_from(model).where(*limits).correlate(keys)
        below: Any = sa.select(keys.c.n, counted.scalar_subquery())
        return CountByKey(self._made(below.select_from(keys)))

    def _limits(self, read: Permission, shape: PageShape, place: int) -> list[Any]:
        def bind(n: int, _: Any, kind: Any) -> sa.ColumnElement[Any]:
            return sa.bindparam(f"f{place}_{n}", type_=kind)

        asked = conditions.expressed(shape.filter, self.caller, bind)
        return [*asked, *read.visible(self.caller)]

    def _start(
        self, shape: PageShape, place: int, columns: Sequence[InstrumentedAttribute[Any]]
    ) -> list[Any] | None:
        if shape.place is None:
            return None
        return [
            None if is_null else sa.bindparam(f"c{place}_{n}", type_=column.type)
            for n, (is_null, column) in enumerate(zip(shape.place, columns, strict=True))
        ]

    def _first(self, statement: sa.Select[Any]) -> Statement:
        """Compile a statement, with the gate before it if it is the first."""
        gate, self._gate = self._gate, None
        if gate is None:
            return self._made(statement)
        return self._made(statement.where(gate), is_gate=True)

    def _made(self, statement: sa.Select[Any], *, is_gate: bool = False) -> Statement:
        made = compiled(statement, is_gate=is_gate)
        self._names.update(made.names)
        return made


_ALL = sa.bindparam("keys", type_=sa.ARRAY(sa.Uuid))


def _keys(kind: Any) -> Any:
    """The keys of a level as a table of `id` and its number `n`, from 1."""
    keys = sa.func.unnest(sa.bindparam("keys", type_=sa.ARRAY(kind)))
    return keys.table_valued(sa.column("id", kind), with_ordinality="n").render_derived(name="k")


def _towards(row: Any, name: str, descends: bool) -> sa.ColumnElement[Any]:
    column: Any = getattr(row, name)
    ordered: sa.ColumnElement[Any] = column.desc() if descends else column.asc()
    return ordered


def _facts(part: Any) -> Sequence[plan.Fact]:
    if not isinstance(part, plan.Facts):
        return []
    return [fact for _, fact in part.fields if isinstance(fact, plan.Fact)]
