"""Columns of a CSV export in SQL: values of the row, of records it belongs to, and of its lists."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import aggregate_order_by

from qgp.kit import ids
from qgp.kit.csv_cells import escaped, joined, printed, written
from qgp.kit.errors import Invalid
from qgp.kit.gql import columns
from qgp.kit.gql.declarations import Expression, PublicId
from qgp.kit.loader import Linked, Many
from qgp.kit.model import Record
from qgp.kit.policy import Principal
from qgp.kit.related_rows import related_rows

Write = Callable[[Any], str]


@dataclass
class Selection:
    """Builder of a statement: its columns and the joins that they need.

    Attributes:
        root: the mapped class, or an alias of it.
        model: the class.
        before: the path to the rows of a list, whose records show no further list.
    """

    root: Any
    model: type[Record]
    caller: Principal
    before: str = ""
    elements: list[Any] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    _joined: dict[str, tuple[Any, type[Record]]] = field(default_factory=dict)
    _joins: list[tuple[Any, Any]] = field(default_factory=list)

    def add(self, path: str) -> None:
        """Add the column at a dotted path.

        Raises:
            Invalid: there is none.
            Forbidden: the caller may not read it.
        """
        *steps, name = path.split(".")
        for place, step in enumerate(steps):
            row, model = self._row(path, steps[:place])
            definition = columns.fields(model).get(step)
            related = None if definition is None else columns.relations(definition)
            if related is not None and not self.before:
                self._add_list(path, row, related, ".".join([*steps[place + 1 :], name]))
                return
        row, model = self._row(path, steps)
        definition = columns.fields(model).get(name)
        declared = definition and columns.scalar_of(model, definition)
        if definition is None or declared is None:
            raise self._unknown(path, steps, name, model)
        if isinstance(declared, PublicId):
            self._take(row.id, partial(_public_id, model.prefix))
        elif isinstance(declared, Expression):
            self.caller.require(declared.loader.read)
            self._take(declared.loader.make(row), written)
        else:
            self._take(getattr(row, definition.python_name), written)

    def statement(self, *further: Any) -> sa.Select[Any]:
        """Return the statement, with further columns, without conditions and order."""
        statement: sa.Select[Any] = sa.select(*self.elements, *further).select_from(self.root)
        for other, condition in self._joins:
            statement = statement.outerjoin(other, condition)
        return statement

    def _take(self, element: Any, write: Write) -> None:
        self.elements.append(element.label(f"c{len(self.elements)}"))
        self.writes.append(write)

    def _row(self, path: str, steps: Sequence[str]) -> tuple[Any, type[Record]]:
        """Return the row that the steps lead to, joined once."""
        if not steps:
            return self.root, self.model
        prefix = ".".join(steps)
        if prefix in self._joined:
            return self._joined[prefix]
        row, model = self._row(path, steps[:-1])
        definition = columns.fields(model).get(steps[-1])
        related = None if definition is None else columns.relation(definition)
        if related is None:
            raise self._unknown(path, steps[:-1], steps[-1], model)
        loader, key = related
        self.caller.require(loader.read)
        other = related_rows(loader, self.caller)
        self._joins.append((other, getattr(other, loader.by.key) == getattr(row, key)))
        self._joined[prefix] = other, loader.model
        return self._joined[prefix]

    def _add_list(
        self, path: str, row: Any, related: tuple[Many[Any] | Linked[Any], str], rest: str
    ) -> None:
        """Add a value of each record of a list, in the order of the list, as one cell."""
        loader, key = related
        self.caller.require(loader.read)
        before = path.removesuffix(rest)
        inner = Selection(related_rows(loader, self.caller), loader.model, self.caller, before)
        inner.add(rest)
        values = _values_by_key(loader, inner, self.caller).subquery()
        self._joins.append((values, values.c.key == getattr(row, key)))
        self._take(values.c.elements, partial(_list_cell, inner.writes[0]))

    def _unknown(self, path: str, steps: Sequence[str], name: str, model: type[Record]) -> Invalid:
        """Return the error about a path that is no column, with a suggestion."""
        definition = columns.fields(model).get(name)
        before, path = self.before + "".join(f"{step}." for step in steps), self.before + path
        if definition is not None and (other := columns.related_model(definition)) is not None:
            message = f"`{path}` is a record and no column. Name one of its fields, such as "
            return Invalid(f"{message}`{path}.{columns.naming_fields(other)[0]}`.", "columns")
        fields = columns.fields(model).items()
        names = [n for n, f in fields if columns.scalar_of(model, f) or columns.related_model(f)]
        hint = suggestion(name, names, before) or f"The columns are {', '.join(names)}."
        return Invalid(f"There is no column `{path}`. {hint}", "columns")


def suggestion(name: str, names: Mapping[str, Any] | Sequence[str], before: str = "") -> str:
    """Return the question for a name that resembles one of these; else an empty text."""
    close = get_close_matches(name, [*names], 1)
    return f"Did you mean `{before}{close[0]}`?" if close else ""


def _values_by_key(
    loader: Many[Any] | Linked[Any], inner: Selection, caller: Principal
) -> sa.Select[Any]:
    """Select the values of each list, by its key."""
    (element,) = inner.elements
    value, row = element.element, inner.root
    if isinstance(loader, Many):
        key, order = getattr(row, loader.by.key), [getattr(row, by.key) for by in loader.order]
        statement = inner.statement()
    else:
        links = loader.links(caller, lambda _: sa.true())
        key, order = links.c.key, [links.c.place]
        statement = inner.statement().join(links, links.c.id == row.id)
    values = sa.func.array_agg(aggregate_order_by(value, *order)).filter(value.is_not(None))
    return statement.with_only_columns(key.label("key"), values.label("elements")).group_by(key)


def _list_cell(write: Write, values: Sequence[Any] | None) -> str:
    """Return the values of a list as a cell."""
    write_part = printed if write is written else write
    return escaped(joined([write_part(value) for value in values or ()]))


def _public_id(prefix: str, value: Any) -> str:
    return "" if value is None else ids.encode(prefix, value)
