"""From a plan and the shapes of its arguments to levels: the SQL of each, and its templates."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.engine import plan
from qgp.engine.access import Access, is_caller_parameter
from qgp.engine.compiled_query import Answering, CompiledQuery
from qgp.engine.executor import CountByKey, JsonByKey, Level, ManyByKey, OneByKey, PageByKey
from qgp.engine.json_lists import connection, gathered, has_items, is_text
from qgp.engine.pagination import PageQuery
from qgp.engine.plan import (
    Object,
    Page,
    Plan,
    RecordLookup,
    Related,
    Root,
    ToMany,
    ToOne,
    attributes,
)
from qgp.engine.projection import Projection, in_bytes, in_text, split
from qgp.engine.roots import ConstantRoot, ListingRoot, LookupRoot
from qgp.engine.scalars import Element
from qgp.engine.sql_statement import SqlStatement, compile_statement
from qgp.kit.listing import key_names
from qgp.kit.loader import Linked, Many, One, of_attributes, reached

SessionGuard = sa.ColumnElement[bool]


class Compiler:
    """Compiles one plan for one access and the shapes of one request's arguments.

    Args:
        gate: what must hold for the first statement to return anything, if anything must.
        lists: whether lists are written inside the statement of their parents, in place of a
            statement for each level.
    """

    def __init__(
        self, access: Access, shapes: Sequence[Any], gate: SessionGuard | None, *, lists: bool
    ) -> None:
        self.lists = lists
        self.caller = access.caller
        self._shapes = shapes
        self._gate = gate
        self._names: set[str] = set()

    def program(self, found: Plan) -> CompiledQuery:
        """Compile the whole plan."""
        roots = {name: self._root(root) for name, root in found.roots}
        beneath = self.below(found.beneath) if found.beneath else None
        return CompiledQuery(roots, any(map(is_caller_parameter, self._names)), beneath)

    def _root(self, root: Root) -> Answering:
        match root:
            case plan.Constant(json):
                return ConstantRoot(json.encode())
            case Page():
                return ListingRoot(self._page(root, is_below=False, gate=self._opened()))
            case RecordLookup():
                loader = self._shapes[root.arguments]
                object = root.objects[loader]
                if object is None:
                    return ConstantRoot(b"null")
                return LookupRoot(self._one(loader, object, gate=self._opened()), root.arguments)

    def _opened(self) -> SessionGuard | None:
        """Return the gate for the first statement, and nothing for those after it."""
        gate, self._gate = self._gate, None
        return gate

    def below(self, node: Related) -> Level:
        """Compile the level that answers for a relation."""
        match node:
            case ToOne(loader=loader, object=object):
                return self._one(loader, object)
            case ToMany() | Page() if is_text(node, lists=self.lists):
                return self._text(node)
            case ToMany(loader=loader, object=object):
                return self._many(loader, object)
            case Page():
                return self._page(node, is_below=True)

    def _one(self, loader: One[Any], object: Object, gate: SessionGuard | None = None) -> OneByKey:
        """Compile a level of at most one row for each key."""
        keys = _keys(loader.by.type)
        row = reached(loader, self.caller, attributes([object]))
        rows = Projection(self, row, keys.c.n)
        template = rows.template(object)
        joined = getattr(row, loader.by.key) == keys.c.id
        wanted: sa.Select[Any] = sa.select(*rows.columns).select_from(keys).join(row, joined)
        return OneByKey(self._made(rows.joined(wanted), gate), template)

    def _many(self, loader: Many[Any] | Linked[Any], object: Object) -> ManyByKey:
        """Compile a level of some rows for each key."""
        keys = _keys(sa.Uuid())
        row = reached(loader, self.caller, attributes([object]))
        rows = Projection(self, row, keys.c.n)
        template = rows.template(object)
        wanted: sa.Select[Any] = sa.select(*rows.columns).select_from(keys)
        if isinstance(loader, Many):
            wanted = wanted.join(row, getattr(row, loader.by.key) == keys.c.id)
            order = [getattr(row, column.key) for column in loader.order]
        else:
            links = loader.links(self.caller, lambda column: column == sa.any_(_ALL))
            wanted = wanted.join(links, links.c.key == keys.c.id)
            wanted = wanted.join(row, row.id == links.c.id)
            order = [links.c.place]
        ordered = rows.joined(wanted).order_by(keys.c.n, *order)
        return ManyByKey(self._made(ordered), template)

    def _page(self, node: Page, *, is_below: bool, gate: SessionGuard | None = None) -> PageByKey:
        """Compile a window of a register, below each key or whole."""
        keys = _keys(sa.Uuid()) if is_below else None
        page = self._page_rows(node, None if keys is None else keys.c.id, keys)
        wants = {fact.name for part in node.fields for fact in _facts(part[1])}
        inner = page.selected(extra=int(bool(wants & {"has_next_page", "has_previous_page"})))
        source = inner.subquery("page") if keys is None else inner.lateral("page")
        row = aliased(page.model, source)
        rows = Projection(self, row, *([] if keys is None else [keys.c.n]))
        rows.order = node.arguments, tuple(source.c[name] for name in key_names(page.order))
        lists = [part.object for _, part in node.fields if isinstance(part, plan.Items)]
        items = tuple(rows.template(object) for object in lists)
        cursors = rows.order_columns() if wants & {"start_cursor", "end_cursor"} else ()
        text, parts = split(node.fields)
        total = self._total(page, keys) if "total" in parts else None
        told = rows.add(page.counted().scalar_subquery()) if total and keys is None else None
        if not rows.columns:
            rows.add(sa.literal_column("1"))
        statement = sa.select(*rows.columns)
        statement = statement.select_from(source if keys is None else keys.join(source, sa.true()))
        numbers = [] if keys is None else [keys.c.n]
        statement = rows.joined(statement).order_by(*numbers, *page.ordered(source.c, reverse=True))
        return PageByKey(
            statement=self._made(statement, gate),
            arguments=node.arguments,
            is_below=keys is not None,
            items=items,
            keys=cursors,
            text=text,
            parts=parts,
            total=total,
            told=told,
        )

    def _total(self, page: PageQuery, keys: Any | None) -> CountByKey:
        number = sa.literal_column("1") if keys is None else keys.c.n
        counted: Any = sa.select(number, page.counted().scalar_subquery())
        return CountByKey(self._made(counted if keys is None else counted.select_from(keys)))

    def _text(self, node: ToMany | Page) -> JsonByKey:
        """Compile a level that PostgreSQL writes whole."""
        keys = _keys(sa.Uuid())
        text = self.text(node, keys.c.id, keys)
        wanted: sa.Select[Any] = sa.select(keys.c.n, in_bytes(text)).select_from(keys)
        return JsonByKey(self._made(wanted))

    def text(self, node: Related, key: Any, outer: Any) -> Element:
        """Return SQL that writes a list for a key, which is a column of `outer`."""
        match node:
            case ToMany(loader=Many() as loader, object=object):
                row = aliased(loader.model, self._children(loader, object, key, outer).subquery())
                order: Sequence[Any] = [getattr(row, one.key) for one in loader.order]
                rows = Projection(self, row)
                parts = gathered(rows.text(object), order)
            case Page():
                page = self._page_rows(node, key, outer)
                source = page.selected().subquery()
                row = aliased(page.model, source)
                rows, order = Projection(self, row), page.ordered(source.c, reverse=False)
                parts = connection(
                    node.fields,
                    lambda item: gathered(rows.text(item), order),
                    lambda: page.counted().scalar_subquery(),
                )
            case _:
                raise AssertionError(node)
        wanted: sa.Select[Any] = sa.select(in_text(parts))
        if has_items(node):  # else there is nothing to gather, and a count needs no rows
            wanted = rows.joined(wanted.select_from(row))
        return wanted.correlate(outer).scalar_subquery()

    def _children(self, loader: Many[Any], object: Object, key: Any, outer: Any) -> sa.Select[Any]:
        visible = loader.read.visible(self.caller)
        rows = of_attributes(loader.model, attributes([object]), loader.keys)
        return rows.where(loader.by == key, *visible).correlate(outer)

    def _page_rows(self, node: Page, key: Any, outer: Any) -> PageQuery:
        return PageQuery(node, self._shapes[node.arguments], self.caller, key, outer)

    def _made(self, statement: sa.Select[Any], gate: SessionGuard | None = None) -> SqlStatement:
        """Compile a statement, behind the gate if there is one."""
        gated = statement if gate is None else statement.where(gate)
        made = compile_statement(gated, is_gate=gate is not None)
        self._names.update(made.names)
        return made


_ALL = sa.bindparam("keys", type_=sa.ARRAY(sa.Uuid))


def _keys(kind: Any) -> Any:
    """The keys of a level as a table of `id` and its number `n`, from 1."""
    keys = sa.func.unnest(sa.bindparam("keys", type_=sa.ARRAY(kind)))
    return keys.table_valued(sa.column("id", kind), with_ordinality="n").render_derived(name="k")


def _facts(part: Any) -> Sequence[plan.PageInfoField]:
    if not isinstance(part, plan.PageInfo):
        return []
    return [fact for _, fact in part.fields if isinstance(fact, plan.PageInfoField)]
