"""Compiler of plans: the SQL and the templates of each level, for one shape of the arguments."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from qgp.engine import plan
from qgp.engine.compiled_query import CompiledQuery
from qgp.engine.executor.levels import CountByKey, JsonByKey, Level, ManyByKey, OneByKey
from qgp.engine.executor.page import PageByKey
from qgp.engine.executor.roots import ConstantRoot, ListingRoot, LookupRoot, Root
from qgp.engine.json_lists import has_items, is_json_list, json_array, json_connection
from qgp.engine.json_text import json_bytes, json_text
from qgp.engine.kept_totals import counted_unless_kept, is_timeless
from qgp.engine.pagination import PageQuery
from qgp.engine.plan import Object, Page, Plan, RecordLookup, Related, ToMany, ToOne, attributes
from qgp.engine.projection import Projection
from qgp.engine.scalars import Element
from qgp.engine.session_guard import SessionGuard
from qgp.kit.access import Access, is_caller_parameter
from qgp.kit.listing import key_names
from qgp.kit.loader import Linked, Many, One
from qgp.kit.related_rows import related_rows, select_attributes
from qgp.kit.sql_statement import SqlStatement, compile_statement


class Compiler:
    """Compiles one plan, for one access and the shapes of its arguments.

    Args:
        session_guard: added to the first statement; None for a relation of objects that the
            resolvers have loaded.
        lists: whether lists are written inside the statement of their parents, in place of one
            statement per level.
    """

    def __init__(
        self,
        access: Access,
        shapes: Sequence[Any],
        session_guard: SessionGuard | None,
        *,
        lists: bool,
    ) -> None:
        self.lists = lists
        self.caller = access.caller
        self._shapes = shapes
        self._session_guard = session_guard
        self._parameters: set[str] = set()

    def query(self, query: Plan) -> CompiledQuery:
        """Compile the whole plan."""
        roots = {name: self._root(root) for name, root in query.roots}
        relation = self.level(query.relation) if query.relation else None
        depends_on_caller = any(map(is_caller_parameter, self._parameters))
        return CompiledQuery(roots, depends_on_caller, relation)

    def _root(self, root: plan.Root) -> Root:
        match root:
            case plan.Constant(json):
                return ConstantRoot(json.encode())
            case Page():
                return ListingRoot(self._page(root, has_keys=False, guard=self._take_guard()))
            case RecordLookup():
                loader = self._shapes[root.arguments]
                object = root.objects[loader]
                if object is None:
                    return ConstantRoot(b"null")
                level = self._to_one(loader, object, guard=self._take_guard())
                return LookupRoot(level, root.arguments)

    def _take_guard(self) -> SessionGuard | None:
        """Return the session guard for the first statement, and None for those after it."""
        guard, self._session_guard = self._session_guard, None
        return guard

    def level(self, node: Related) -> Level:
        """Compile a relation to a level of its own."""
        match node:
            case ToOne(loader=loader, object=object):
                return self._to_one(loader, object)
            case ToMany() | Page() if is_json_list(node, lists=self.lists):
                return self._json_by_key(node)
            case ToMany(loader=loader, object=object):
                return self._to_many(loader, object)
            case Page():
                return self._page(node, has_keys=True)

    def _to_one(
        self, loader: One[Any], object: Object, guard: SessionGuard | None = None
    ) -> OneByKey:
        keys = _keys(loader.by.type)
        row = related_rows(loader, self.caller, attributes([object]))
        projection = Projection(self, row, keys.c.n)
        template = projection.template(object)
        condition = getattr(row, loader.by.key) == keys.c.id
        statement: sa.Select[Any] = sa.select(*projection.columns).select_from(keys)
        statement = projection.joined(statement.join(row, condition))
        return OneByKey(self._compile(statement, guard), template)

    def _to_many(self, loader: Many[Any] | Linked[Any], object: Object) -> ManyByKey:
        keys = _keys(sa.Uuid())
        row = related_rows(loader, self.caller, attributes([object]))
        projection = Projection(self, row, keys.c.n)
        template = projection.template(object)
        statement: sa.Select[Any] = sa.select(*projection.columns).select_from(keys)
        if isinstance(loader, Many):
            statement = statement.join(row, getattr(row, loader.by.key) == keys.c.id)
            order = [getattr(row, column.key) for column in loader.order]
        else:
            links = loader.links(self.caller, lambda column: column == sa.any_(_ALL_KEYS))
            statement = statement.join(links, links.c.key == keys.c.id)
            statement = statement.join(row, row.id == links.c.id)
            order = [links.c.place]
        statement = projection.joined(statement).order_by(keys.c.n, *order)
        return ManyByKey(self._compile(statement), template)

    def _page(self, node: Page, *, has_keys: bool, guard: SessionGuard | None = None) -> PageByKey:
        """Compile a page of a listing: one for each key, or one of all rows."""
        keys = _keys(sa.Uuid()) if has_keys else None
        page = self._page_query(node, None if keys is None else keys.c.id, keys)
        ends = plan.HasNextPage | plan.HasPreviousPage
        inner = page.rows(extra=int(any(isinstance(field, ends) for field in node.page_info)))
        source = inner.subquery("page") if keys is None else inner.lateral("page")
        numbers = [] if keys is None else [keys.c.n]
        projection = Projection(self, aliased(page.model, source), *numbers)
        projection.order = node.arguments, tuple(source.c[name] for name in key_names(page.order))
        template = projection.page_template(node)
        total = CountByKey(partial(self._total, node, keys)) if node.has_total else None
        in_rows = total is not None and keys is None
        total_column = projection.add(_total_in_rows(page, node.arguments)) if in_rows else None
        if not projection.columns:
            projection.add(sa.literal_column("1"))
        statement = sa.select(*projection.columns)
        statement = statement.select_from(source if keys is None else keys.join(source, sa.true()))
        order = [*numbers, *page.ordered(source.c, reverse=True)]
        statement = projection.joined(statement).order_by(*order)
        return PageByKey(
            statement=self._compile(statement, guard),
            arguments=node.arguments,
            has_keys=has_keys,
            template=template,
            total=total,
            total_column=total_column,
            keeps_total=in_rows and is_timeless(page.total()),
        )

    def _total(self, node: Page, keys: Any | None) -> SqlStatement:
        """Compile the number of rows, whose parameters are those of the rows."""
        if keys is None:
            count = self._page_query(node, None, None).total()
            return self._compile(sa.select(sa.literal_column("1"), count.scalar_subquery()))
        count = self._page_query(node, keys.c.id, keys).total()
        statement: sa.Select[Any] = sa.select(keys.c.n, count.scalar_subquery())
        return self._compile(statement.select_from(keys))

    def _json_by_key(self, node: ToMany | Page) -> JsonByKey:
        keys = _keys(sa.Uuid())
        text = json_bytes(self.json_list(node, keys.c.id, keys))
        return JsonByKey(self._compile(sa.select(keys.c.n, text).select_from(keys)))

    def json_list(self, node: Related, key: Any, outer: Any) -> Element:
        """Return SQL that writes a list for a key, which is a column of `outer`."""
        match node:
            case ToMany(loader=Many() as loader, object=object):
                row = aliased(loader.model, self._children(loader, object, key, outer).subquery())
                order: Sequence[Any] = [getattr(row, column.key) for column in loader.order]
                projection = Projection(self, row)
                parts = json_array(projection.text(object), order)
            case Page():
                page = self._page_query(node, key, outer)
                source = page.rows().subquery()
                row = aliased(page.model, source)
                projection, order = Projection(self, row), page.ordered(source.c, reverse=False)
                parts = json_connection(
                    node.fields,
                    lambda item: json_array(projection.text(item), order),
                    lambda: page.total().scalar_subquery(),
                )
            case _:
                raise AssertionError(node)
        statement: sa.Select[Any] = sa.select(json_text(parts))
        if has_items(node):  # a count alone needs no rows
            statement = projection.joined(statement.select_from(row))
        return statement.correlate(outer).scalar_subquery()

    def _children(self, loader: Many[Any], object: Object, key: Any, outer: Any) -> sa.Select[Any]:
        visible = loader.read.visible(self.caller)
        rows = select_attributes(loader.model, attributes([object]), loader.keys)
        return rows.where(loader.by == key, *visible).correlate(outer)

    def _page_query(self, node: Page, key: Any, outer: Any) -> PageQuery:
        return PageQuery(node, self._shapes[node.arguments], self.caller, key, outer)

    def _compile(
        self, statement: sa.Select[Any], guard: SessionGuard | None = None
    ) -> SqlStatement:
        guarded = statement if guard is None else guard.added_to(statement)
        compiled = compile_statement(guarded, is_guarded=guard is not None)
        self._parameters.update(compiled.names)
        return compiled


_ALL_KEYS = sa.bindparam("keys", type_=sa.ARRAY(sa.Uuid))


def _total_in_rows(page: PageQuery, arguments: int) -> Element:
    count = page.total()
    return counted_unless_kept(count, arguments) if is_timeless(count) else count.scalar_subquery()


def _keys(type_: Any) -> Any:
    """Return the keys of a level as a table of `id` and its number `n`, from 1."""
    keys = sa.func.unnest(sa.bindparam("keys", type_=sa.ARRAY(type_)))
    return keys.table_valued(sa.column("id", type_), with_ordinality="n").render_derived(name="k")
