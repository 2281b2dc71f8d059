"""The columns of a statement that writes JSON: runs of leaves in one text, holes for the rest."""

from collections.abc import Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from qgp.engine import plan
from qgp.engine.executor import ChildSource, ColumnSource, CursorSource, Level, Source, Template
from qgp.engine.json_lists import is_text, is_written
from qgp.engine.plan import Object, Page, Related, ToMany, ToOne
from qgp.engine.scalars import HEX, Element, literal
from qgp.kit.loader import reached
from qgp.kit.policy import Principal

MAX_ARGUMENTS = 90  # of one function; PostgreSQL takes 100
Part = str | Element | ChildSource | CursorSource


class ProjectionContext(Protocol):
    """Compiles what a row does not hold itself."""

    @property
    def caller(self) -> Principal:
        """Who reads, as parameters."""

    @property
    def lists(self) -> bool:
        """Whether lists are written inside the statement of their parents."""

    def below(self, node: Related) -> Level:
        """Compile the level that answers for a relation."""

    def text(self, node: Related, key: Any, outer: Any) -> Element:
        """Return SQL that writes a list for a key, which is a column of `outer`."""


class Projection:
    """The columns that a statement selects of its rows, and the joins they need.

    Args:
        row: the mapped class, or an alias of it.
        first: columns that stand before the others.

    Attributes:
        order: place of the page's arguments and the columns it is ordered by.
    """

    order: tuple[int, tuple[Element, ...]]

    def __init__(self, levels: ProjectionContext, row: Any, *first: Any) -> None:
        self.columns: list[Any] = list(first)
        self._levels = levels
        self._row = row
        self._joins: list[tuple[Any, Element]] = []
        self._known: dict[str, int] = {}

    def add(self, column: Any) -> int:
        """Select a column and return its index."""
        self.columns.append(column)
        return len(self.columns) - 1

    def key(self, attribute: str) -> int:
        """Select an attribute of the row as it is, once."""
        return self._once(attribute, getattr(self._row, attribute))

    def order_columns(self) -> tuple[int, ...]:
        """Select what the page is ordered by, once."""
        return tuple(self._once(column.key or "", column) for column in self.order[1])

    def _once(self, name: str, column: Any) -> int:
        if name not in self._known:
            self._known[name] = self.add(column)
        return self._known[name]

    def template(self, object: Object) -> Template:
        """Return how the object is made of the row, with its columns selected."""
        text, sources = b"", list[Source]()
        for run in _runs(self._parts(object, self._row)):
            if isinstance(run, list):
                before, elements, after = _trimmed(run)
                text += _escaped(before)
                if elements:
                    text += b"%b"
                    sources.append(ColumnSource(self.add(in_bytes(in_text(elements)))))
                text += _escaped(after)
            else:
                text += b"%b"
                sources.append(run)
        return Template(text, tuple(sources))

    def text(self, object: Object) -> Element:
        """Return SQL that writes the object whole."""
        return in_text(self._parts(object, self._row))

    def joined(self, statement: sa.Select[Any]) -> sa.Select[Any]:
        """Add the joins to a statement that selects from the rows."""
        for other, condition in self._joins:
            statement = statement.outerjoin(other, condition)
        return statement

    def _parts(self, object: Object, row: Any) -> list[Part]:
        parts: list[Part] = ["{"]
        for index, (name, node) in enumerate(object.fields):
            parts.append(f'{"," if index else ""}"{name}":')
            parts += self._part(node, row)
        return [*parts, "}"]

    def _part(self, node: plan.Node, row: Any) -> list[Part]:  # noqa: PLR0911 - one kind a line
        match node:
            case plan.Constant(json):
                return [json]
            case plan.ScalarField(attribute, form):
                column = getattr(row, attribute)
                return [*form.parts(column, nullable=column.property.columns[0].nullable)]
            case plan.SqlExpression(make, form):
                return [*form.parts(make(row), nullable=True)]
            case plan.PublicIdText(prefix):
                return [f'"{prefix}_', HEX.write(row.id), '"']
            case plan.JsonByStatus(jsons, otherwise):
                whens = {state: literal(json) for state, json in jsons.items()}
                return [sa.case(whens, value=row.status, else_=literal(otherwise))]
            case plan.Cursor():
                return [CursorSource(self.order[0], self.order_columns())]
            case Object():
                return self._parts(node, row)
            case plan.NestedObject(key, object):
                is_there = getattr(row, key).is_not(None)
                text = in_text(self._parts(object, row))
                return [sa.case((is_there, text), else_=literal("null"))]
            case ToOne() if is_written(node.object, lists=self._levels.lists):
                return [self._joined(node, row)]
            case ToMany() | Page() if self._levels.lists and is_text(node, lists=True):
                return [self._levels.text(node, getattr(row, node.key), row)]
        return [self._below(node, row)]

    def _joined(self, node: ToOne, row: Any) -> Element:
        """Join the other row, and write it or null."""
        other = reached(node.loader, self._levels.caller, plan.attributes([node.object]))
        found = getattr(other, node.loader.by.key) == getattr(row, node.key)
        self._joins.append((other, found))
        text = in_text(self._parts(node.object, other))
        return sa.case((other.id.is_(None), literal("null")), else_=text)

    def _below(self, node: Related, row: Any) -> ChildSource:
        assert row is self._row, "what is joined is flat"
        return ChildSource(self._levels.below(node), self.key(node.key))


def split(fields: Sequence[tuple[str, Any]]) -> tuple[bytes, tuple[int | str, ...]]:
    """Return the text of a connection, and what fills its places: lists by number, or facts."""
    text, parts, lists = "", list[int | str](), 0
    for index, (name, node) in enumerate(fields):
        text += f'{"," if index else ""}"{name}":'
        match node:
            case plan.Constant(json):
                text += json.replace("%", "%%")
            case plan.Items():
                text += "%b"
                parts.append(lists)
                lists += 1
            case plan.TotalCount():
                text += "%b"
                parts.append("total")
            case plan.PageInfo(facts):
                inner, more = _facts(facts)
                text += inner
                parts += more
    return f"{{{text}}}".encode(), tuple(parts)


def _facts(
    facts: Sequence[tuple[str, plan.PageInfoField | plan.Constant]],
) -> tuple[str, list[str]]:
    texts, parts = [], []
    for name, fact in facts:
        if isinstance(fact, plan.Constant):
            texts.append(f'"{name}":{fact.json}')
        else:
            texts.append(f'"{name}":%b')
            parts.append(fact.name)
    return "{" + ",".join(texts) + "}", parts


def _runs(parts: Sequence[Part]) -> list[list[str | Element] | ChildSource | CursorSource]:
    """Gather what one text can hold; a source stands alone."""
    runs: list[list[str | Element] | ChildSource | CursorSource] = []
    for part in parts:
        if isinstance(part, ChildSource | CursorSource):
            runs.append(part)
        elif runs and isinstance(runs[-1], list):
            runs[-1].append(part)
        else:
            runs.append([part])
    return runs


def _trimmed(run: Sequence[str | Element]) -> tuple[str, list[str | Element], str]:
    """Take the constant texts off both ends: they need not come from the database."""
    places = [n for n, part in enumerate(run) if not isinstance(part, str)]
    if not places:
        return "".join(part for part in run if isinstance(part, str)), [], ""
    first, last = places[0], places[-1]
    before = "".join(part for part in run[:first] if isinstance(part, str))
    after = "".join(part for part in run[last + 1 :] if isinstance(part, str))
    return before, list(run[first : last + 1]), after


def in_text(parts: Sequence[Any]) -> Element:
    """Join texts and columns in SQL; constants that stand side by side become one."""
    merged: list[Any] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    elements = [literal(part) if isinstance(part, str) else part for part in merged]
    while len(elements) > MAX_ARGUMENTS:
        elements = [
            sa.func.concat(*elements[at : at + MAX_ARGUMENTS], type_=sa.Text)
            for at in range(0, len(elements), MAX_ARGUMENTS)
        ]
    return sa.func.concat(*elements, type_=sa.Text)


def in_bytes(text: Element) -> Element:
    """Send a text as bytes, so that nobody decodes it and encodes it again."""
    return sa.func.convert_to(text, literal("UTF8"), type_=sa.LargeBinary)


def _escaped(text: str) -> bytes:
    return text.replace("%", "%%").encode()
