"""Loaders: relations declared once, whose values are loaded for many keys in one statement."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from qgp.kit.model import KEY_OF, Record
from qgp.kit.policy import Permission, Principal

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R", bound=Record)
MOST_ROWS = 50  # of a plain list; what can exceed it is a connection


class Reads(Protocol):
    """Operation that a loader reads in."""

    @property
    def caller(self) -> Principal:
        """The signed-in user."""

    async def rows(self, statement: sa.Select[Any]) -> Sequence[Any]:
        """Run one statement and return its first column."""

    async def tuples(
        self, statement: sa.Select[Any], parameters: Mapping[str, Any] | None = None
    ) -> Sequence[Any]:
        """Run one statement with the values of its parameters and return its rows."""


class Loader(Protocol[K, V]):
    """Loader of one value for each key, in one statement for all keys of a batch."""

    @property
    def read(self) -> Permission:
        """The permission that the caller must hold."""

    async def fetch(self, reads: Reads, keys: list[K]) -> list[V]:
        """Return the values in the order of the keys."""


def readable(model: type[R], read: Permission, reads: Reads) -> sa.Select[Any]:
    """Select the rows of `model` that the caller may read, as `One`, `Many` and `Linked` do."""
    return sa.select(model).where(*read.visible(reads.caller))


@dataclass(frozen=True, eq=False)
class One(Generic[R]):
    """Loader of the row whose column `by` equals the key; None where it is missing or hidden.

    Attributes:
        by: column that is unique among the rows for which `where` holds.
        where: further conditions on the rows.
        is_subject: whether records of other modules may be about these rows.
        example: of a key, for the messages of imports.
    """

    model: type[R]
    read: Permission
    by: InstrumentedAttribute[Any]
    where: tuple[sa.ColumnElement[bool], ...] = ()
    is_subject: bool = False
    example: str = ""

    @property
    def is_by_id(self) -> bool:
        """Whether it looks up every row of a record by its id."""
        return self.by.key == "id" and not self.where and issubclass(self.model, Record)

    @property
    def keys(self) -> AbstractSet[str]:
        """The attributes by which a statement finds the row."""
        return {self.by.key}

    async def fetch(self, reads: Reads, keys: list[Any]) -> list[R | None]:
        """Return the rows in the order of the keys."""
        statement = readable(self.model, self.read, reads).where(self.by.in_(keys), *self.where)
        rows = {getattr(row, self.by.key): row for row in await reads.rows(statement)}
        return [rows.get(key) for key in keys]

    def key(self, text: str) -> str:
        """Return the key of a text, normalized as the column is."""
        make: Callable[[str], str] = self.by.property.columns[0].info.get(KEY_OF, str)
        return make(text)


@dataclass(frozen=True, eq=False)
class Excerpt(One[R]):
    """Loader of the row of which an excerpt type shows a few fields.

    Its permission is the one exception to the READ of the record: it holds for readers of another
    record, which points at this one, and has no row scope of its own.
    """

    @property
    def is_by_id(self) -> bool:
        """False: nothing else finds records by this loader."""
        return False


@dataclass(frozen=True, eq=False)
class Register:
    """Rows of a model as a list.

    Attributes:
        order: the attributes of the default order; `-` before a name for descending order.
    """

    model: type[Any]
    read: Permission
    order: tuple[str, ...]


Make = Callable[[Any], sa.ColumnElement[Any]]


@dataclass(frozen=True, eq=False)
class Expressed:
    """Loader of an SQL expression over the row whose id is the key.

    Attributes:
        make: returns the expression for the mapped class, or for an alias of it.
    """

    model: type[Record]
    read: Permission
    make: Make

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[Any]:
        """Return the values in the order of the keys."""
        columns: tuple[Any, ...] = (self.model.id, self.make(self.model))
        values = {}
        for id, value in await reads.tuples(sa.select(*columns).where(self.model.id.in_(keys))):
            values[id] = value
        return [values.get(key) for key in keys]


Rule = Callable[[Any, Principal], sa.ColumnElement[bool]]


@dataclass(frozen=True, eq=False)
class Granted:
    """Loader of a Boolean: whether a rule admits the caller for the row whose id is the key.

    Attributes:
        rule: takes the mapped class, or an alias of it, and the caller.
    """

    model: type[Record]
    read: Permission
    rule: Rule

    def expressed(self, row: Any, caller: Principal) -> sa.ColumnElement[bool]:
        """Return the rule in SQL; unknown counts as false."""
        return sa.func.coalesce(self.rule(row, caller), sa.false(), type_=sa.Boolean)

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[bool]:
        """Return the values in the order of the keys."""
        columns: tuple[Any, ...] = (self.model.id, self.expressed(self.model, reads.caller))
        values = {}
        for id, value in await reads.tuples(sa.select(*columns).where(self.model.id.in_(keys))):
            values[id] = value
        return [values.get(key, False) for key in keys]


@dataclass(frozen=True, eq=False)
class Many(Generic[R]):
    """Loader of the rows whose column `by` equals the key, in order.

    Attributes:
        by: column that points at the key.
        order: columns that order the rows.
        most: the most rows of a list, by the rules of the records.
    """

    model: type[R]
    read: Permission
    by: InstrumentedAttribute[Any]
    order: tuple[InstrumentedAttribute[Any], ...]
    most: int = MOST_ROWS

    @property
    def keys(self) -> AbstractSet[str]:
        """The attributes by which a statement finds and orders the rows."""
        return {self.by.key, *(column.key for column in self.order)}

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[R]]:
        """Return the lists in the order of the keys; an unknown key has an empty one."""
        statement = readable(self.model, self.read, reads).where(self.by.in_(keys))
        ordered = statement.order_by(*self.order)
        groups: dict[UUID, list[R]] = defaultdict(list)
        for row in await reads.rows(ordered):
            groups[getattr(row, self.by.key)].append(row)
        return [groups[key] for key in keys]


KeyIn = Callable[[InstrumentedAttribute[Any]], sa.ColumnElement[bool]]
Links = Callable[[Principal, KeyIn], sa.FromClause]


@dataclass(frozen=True, eq=False)
class Linked(Generic[R]):
    """Loader of the rows that a query over link rows assigns to each key.

    Attributes:
        links: takes the caller and the condition "a column is one of the keys"; selects `key`, `id`
            of the row and its `place` in the list.
        most: the most rows of a list, by the rules of the records.
    """

    model: type[R]
    read: Permission
    links: Links
    most: int = MOST_ROWS
    keys: ClassVar[AbstractSet[str]] = frozenset()

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[R]]:
        """Return the lists in the order of the keys; an unknown key has an empty one."""
        links = self.links(reads.caller, lambda column: column.in_(keys))
        statement = readable(self.model, self.read, reads).add_columns(links.c.key)
        statement = statement.join(links, links.c.id == self.model.id).order_by(links.c.place)
        groups: dict[UUID, list[R]] = defaultdict(list)
        for row, key in await reads.tuples(statement):
            groups[key].append(row)
        return [groups[key] for key in keys]


def one(
    model: type[R],
    read: Permission,
    by: InstrumentedAttribute[Any] | None = None,
    where: tuple[sa.ColumnElement[bool], ...] = (),
    example: str = "",
) -> One[R]:
    """Declare a loader of single rows by id, or by a unique column; see `One`."""
    return One(model, read, by if by is not None else model.id, where, example=example)


def excerpt(model: type[R], read: Permission) -> Excerpt[R]:
    """Declare a loader of the rows that an `excerpt_type` shows; see `Excerpt`."""
    return Excerpt(model, read, model.id)


def many(
    model: type[R],
    read: Permission,
    *,
    by: InstrumentedAttribute[Any],
    order: tuple[InstrumentedAttribute[Any], ...],
    most: int = MOST_ROWS,
) -> Many[R]:
    """Declare a loader of the rows whose column `by` points at each key, at most `most`."""
    return Many(model, read, by, order, most)


def linked(model: type[R], read: Permission, links: Links, *, most: int = MOST_ROWS) -> Linked[R]:
    """Declare a loader of the rows that a query assigns to each key, at most `most`."""
    return Linked(model, read, links, most)


def linked_by(
    end: InstrumentedAttribute[Any],
    target: One[R],
    *,
    by: InstrumentedAttribute[Any],
    read: Permission,
    order: tuple[str, ...] = ("created_at", "id"),
    is_order_of_target: bool = False,
) -> Linked[R]:
    """Declare a loader of the records that link rows point at, where the caller may read both.

    Args:
        end: the column of a link that points at the record.
        target: the record's own loader.
        by: the column of a link that is the key.
        read: the permission for the links that the caller must hold.
        order: the attributes that order the list: of the link, or of the target.
        is_order_of_target: whether `order` names attributes of the target.
    """
    link = target.model if is_order_of_target else end.class_
    keys = tuple(getattr(link, name) for name in order)

    def links(caller: Principal, key_in: KeyIn) -> sa.FromClause:
        place = sa.func.row_number().over(partition_by=by, order_by=keys).label("place")
        rows: Any = sa.select(by.label("key"), end.label("id"), place).select_from(end.class_)
        if is_order_of_target:
            rows = rows.join(target.model, target.model.id == end)
        return rows.where(key_in(by), *read.visible(caller)).subquery()  # type: ignore[no-any-return]  # untyped columns

    return Linked(target.model, target.read, links)
