"""Projection of rows to JSON: the columns that a statement selects, and the template over them."""

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from qgp.engine import plan
from qgp.engine.executor.levels import ChildSource, Level
from qgp.engine.executor.page import (
    EndCursorPart,
    HasNextPagePart,
    HasPreviousPagePart,
    Pages,
    RowsPart,
    StartCursorPart,
    TotalCountPart,
)
from qgp.engine.executor.templates import Columns, ColumnSource, CursorSource, Source, Template
from qgp.engine.json_lists import is_json_list, is_single_statement
from qgp.engine.json_text import Part, json_bytes, json_text
from qgp.engine.plan import Object, Page, Related, ToMany, ToOne
from qgp.engine.scalars import HEX, Element, literal
from qgp.kit.policy import Principal
from qgp.kit.related_rows import related_rows

RowPart = Part | ChildSource | CursorSource


class LevelCompiler(Protocol):
    """Compiles relations, which a row does not contain."""

    @property
    def caller(self) -> Principal:
        """A principal of SQL parameters."""

    @property
    def lists(self) -> bool:
        """Whether lists are written inside the statement of their parents."""

    def level(self, node: Related) -> Level:
        """Compile a relation to a level of its own."""

    def json_list(self, node: Related, key: Any, outer: Any) -> Element:
        """Return SQL that writes a list for a key, which is a column of `outer`."""


class Projection:
    """The columns that a statement selects of its rows, and the joins that they need.

    Args:
        row: the mapped class, or an alias of it.
        first: columns that precede the others.

    Attributes:
        order: index of the page's arguments, and the columns that the page is ordered by.
    """

    order: tuple[int, tuple[Element, ...]]

    def __init__(self, compiler: LevelCompiler, row: Any, *first: Any) -> None:
        self.columns: list[Any] = list(first)
        self._compiler = compiler
        self._row = row
        self._joins: list[tuple[Any, Element]] = []
        self._indexes: dict[str, int] = {}

    def add(self, column: Any) -> int:
        """Select a column and return its index."""
        self.columns.append(column)
        return len(self.columns) - 1

    def order_columns(self) -> tuple[int, ...]:
        """Select the columns that the page is ordered by, once, and return their indexes."""
        return tuple(self._add_once(column.key or "", column) for column in self.order[1])

    def _add_once(self, name: str, column: Any) -> int:
        if name not in self._indexes:
            self._indexes[name] = self.add(column)
        return self._indexes[name]

    def template(self, object: Object) -> Template[Columns]:
        """Select the columns of an object and return its template."""
        text, sources = b"", list[Source[Columns]]()
        for run in _runs(self._parts(object, self._row)):
            if isinstance(run, list):
                before, elements, after = _trimmed(run)
                text += _escaped(before)
                if elements:
                    text += b"%b"
                    sources.append(ColumnSource(self.add(json_bytes(json_text(elements)))))
                text += _escaped(after)
            else:
                text += b"%b"
                sources.append(run)
        return Template(text, tuple(sources))

    def page_template(self, page: Page) -> Template[Pages]:
        """Select the columns of a connection and return its template."""
        text, sources = self._connection(page.fields)
        return Template(text.encode(), tuple(sources))

    def text(self, object: Object) -> Element:
        """Return SQL that writes the object as a whole."""
        return json_text(self._parts(object, self._row))

    def joined(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """Add the joins to a statement that selects from the rows."""
        for other, condition in self._joins:
            statement = statement.outerjoin(other, condition)
        return statement

    def _connection(
        self, fields: Sequence[tuple[str, plan.PageField | plan.PageInfoField]]
    ) -> tuple[str, list[Source[Pages]]]:
        texts, sources = [], list[Source[Pages]]()
        for name, field in fields:
            match field:
                case plan.Constant(json):
                    text = json.replace("%", "%%")
                case plan.PageInfo(inner):
                    text, more = self._connection(inner)
                    sources += more
                case _:
                    text = "%b"
                    sources.append(self._page_part(field))
            texts.append(f'"{name}":{text}')
        return f"{{{','.join(texts)}}}", sources

    def _page_part(self, field: plan.Items | plan.TotalCount | plan.PageInfoField) -> Source[Pages]:
        match field:
            case plan.Items(object):
                return RowsPart(self.template(object))
            case plan.TotalCount():
                return TotalCountPart()
            case plan.HasNextPage():
                return HasNextPagePart()
            case plan.HasPreviousPage():
                return HasPreviousPagePart()
            case plan.StartCursor():
                return StartCursorPart(self.order_columns())
            case plan.EndCursor():
                return EndCursorPart(self.order_columns())

    def _parts(self, object: Object, row: Any) -> list[RowPart]:
        parts: list[RowPart] = ["{"]
        for index, (name, node) in enumerate(object.fields):
            parts.append(f'{"," if index else ""}"{name}":')
            parts += self._node_parts(node, row)
        return [*parts, "}"]

    def _node_parts(  # noqa: PLR0911 - one node class per case
        self, node: plan.Node, row: Any
    ) -> list[RowPart]:
        match node:
            case plan.Constant(json):
                return [json]
            case plan.ScalarField(attribute, format):
                column = getattr(row, attribute)
                return [*format.parts(column, nullable=column.property.columns[0].nullable)]
            case plan.SqlExpression(make, format):
                return [*format.parts(make(row), nullable=True)]
            case plan.PublicIdText(prefix):
                return [f'"{prefix}_', HEX.write(row.id), '"']
            case plan.JsonByStatus(json_by_status, default):
                whens = {status: literal(json) for status, json in json_by_status}
                return [sa.case(whens, value=row.status, else_=literal(default))]
            case plan.Cursor():
                return [CursorSource(self.order[0], self.order_columns())]
            case Object():
                return self._parts(node, row)
            case plan.NestedObject(key, object):
                is_set = getattr(row, key).is_not(None)
                text = json_text(self._parts(object, row))
                return [sa.case((is_set, text), else_=literal("null"))]
            case ToOne() if is_single_statement(node.object, lists=self._compiler.lists):
                return [self._join(node, row)]
            case ToMany() | Page() if self._compiler.lists and is_json_list(node, lists=True):
                return [self._compiler.json_list(node, getattr(row, node.key), row)]
        return [self._child(node, row)]

    def _join(self, node: ToOne, row: Any) -> Element:
        """Join the row that a key refers to, and write it as an object or null."""
        other = related_rows(node.loader, self._compiler.caller, plan.attributes([node.object]))
        condition = getattr(other, node.loader.by.key) == getattr(row, node.key)
        if node.limit is not None:
            condition = sa.and_(condition, node.limit(row))
        self._joins.append((other, condition))
        text = json_text(self._parts(node.object, other))
        return sa.case((other.id.is_(None), literal("null")), else_=text)

    def _child(self, node: Related, row: Any) -> ChildSource:
        """Select the key of a relation that is a level of its own."""
        assert row is self._row, "a joined row has no level below it"
        column = self._add_once(node.key, getattr(self._row, node.key))
        return ChildSource(self._compiler.level(node), column)


def _runs(parts: Sequence[RowPart]) -> list[list[Part] | ChildSource | CursorSource]:
    """Group the parts that one SQL text can contain; a source stands alone."""
    runs: list[list[Part] | ChildSource | CursorSource] = []
    for part in parts:
        if isinstance(part, ChildSource | CursorSource):
            runs.append(part)
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _trimmed(run: Sequence[Part]) -> tuple[str, list[Part], str]:
    """Split constant texts off both ends, which need not come from the database."""
    indexes = [n for n, part in enumerate(run) if not isinstance(part, str)]
    if not indexes:
        return "".join(part for part in run if isinstance(part, str)), [], ""
    first, last = indexes[0], indexes[-1]
    before = "".join(part for part in run[:first] if isinstance(part, str))
    after = "".join(part for part in run[last + 1 :] if isinstance(part, str))
    return before, list(run[first : last + 1]), after


def _escaped(text: str) -> bytes:
    return text.replace("%", "%%").encode()
