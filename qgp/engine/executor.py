"""Running a plan: one statement for each level of the document, never one for each row.

A level answers for many keys at once. Rows come as columns of JSON pieces; a template joins the
pieces of a row with what the levels below answered for it.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any, Protocol

from qgp.engine.arguments import PageArguments
from qgp.engine.sql_statement import SqlStatement

NULL = b"null"
Columns = Sequence[Sequence[Any]]
_FLAG = {True: b"true", False: b"false"}


class Run(Protocol):
    """One execution of a plan."""

    async def fetch(self, statement: SqlStatement, **values: Any) -> Sequence[Sequence[Any]]:
        """Run a statement with the values of the request and these."""

    def page(self, place: int) -> PageArguments:
        """Return the arguments of a register."""

    def key(self, place: int) -> Any:
        """Return the key that the arguments of a look-up name."""


class Source(Protocol):
    """Where one text of a template comes from."""

    async def of(self, run: Run, columns: Columns) -> Sequence[bytes]:
        """Return a text for each row."""


class Level(Protocol):
    """What a field answers for many rows at once."""

    async def values(self, run: Run, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the JSON for each key, in their order."""


@dataclass(frozen=True)
class ColumnSource:
    """JSON that PostgreSQL wrote."""

    column: int

    async def of(self, _: Run, columns: Columns) -> Sequence[bytes]:
        """Return the column."""
        return columns[self.column]


@dataclass(frozen=True)
class ChildSource:
    """JSON of the level below, found by the key in a column."""

    level: Level
    column: int

    async def of(self, run: Run, columns: Columns) -> Sequence[bytes]:
        """Ask the level for all rows at once."""
        return await self.level.values(run, columns[self.column])


@dataclass(frozen=True)
class CursorSource:
    """Cursors, sealed from the order keys in some columns."""

    arguments: int
    columns: tuple[int, ...]

    async def of(self, run: Run, columns: Columns) -> Sequence[bytes]:
        """Seal the keys of each row."""
        order = run.page(self.arguments).order
        keys = zip(*[columns[index] for index in self.columns], strict=True)
        return [b'"%b"' % order.sealed(values).encode() for values in keys]


@dataclass(frozen=True)
class Template:
    """Bytes with a place (`%b`) for each source, filled once for each row."""

    text: bytes
    sources: tuple[Source, ...]

    async def filled(self, run: Run, columns: Columns, count: int) -> Sequence[bytes]:
        """Return the template filled for each of `count` rows."""
        if not count:
            return []
        if not self.sources:
            return [self.text % ()] * count
        texts = [await source.of(run, columns) for source in self.sources]
        return list(map(self.text.__mod__, zip(*texts, strict=True)))


@dataclass(frozen=True)
class OneByKey:
    """At most one row for a key: the row as an object, or null."""

    statement: SqlStatement
    template: Template

    async def values(self, run: Run, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the object of each key."""
        wanted = _distinct(keys)
        rows = await run.fetch(self.statement, keys=wanted) if wanted else []
        columns = _turned(rows)
        objects = await self.template.filled(run, columns, len(rows))
        found = {wanted[n - 1]: text for n, text in zip(columns[0], objects, strict=True)}
        return [found.get(key, NULL) for key in keys]


@dataclass(frozen=True)
class ManyByKey:
    """The rows of a key, in order, as a list of objects."""

    statement: SqlStatement
    template: Template

    async def values(self, run: Run, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the list of each key."""
        wanted = _distinct(keys)
        rows = await run.fetch(self.statement, keys=wanted) if wanted else []
        columns = _turned(rows)
        objects = await self.template.filled(run, columns, len(rows))
        groups: list[list[bytes]] = [[] for _ in wanted]
        for n, text in zip(columns[0], objects, strict=True):
            groups[n - 1].append(text)
        found = {key: _list(group) for key, group in zip(wanted, groups, strict=True)}
        return [found[key] for key in keys]


@dataclass(frozen=True)
class CountByKey:
    """How many rows a key has."""

    statement: SqlStatement

    async def values(self, run: Run, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the number of each key."""
        wanted = _distinct(keys)
        rows = await run.fetch(self.statement, keys=wanted) if wanted else []
        found = {wanted[n - 1]: b"%d" % count for n, count in rows}
        return [found[key] for key in keys]


@dataclass(frozen=True)
class JsonByKey:
    """What PostgreSQL writes whole for a key."""

    statement: SqlStatement

    async def values(self, run: Run, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the text of each key."""
        wanted = _distinct(keys)
        rows = await run.fetch(self.statement, keys=wanted) if wanted else []
        found = {wanted[n - 1]: text for n, text in rows}
        return [found[key] for key in keys]


@dataclass(frozen=True)
class Slice:
    """The rows of one page among those of a level, in list order."""

    start: int
    end: int
    has_next: bool
    has_previous: bool
    backward: bool

    def cut(self, texts: Sequence[bytes]) -> Sequence[bytes]:
        """Return the page's part of what there is for all rows."""
        found = texts[self.start : self.end]
        return found[::-1] if self.backward else found


@dataclass(frozen=True)
class PageByKey:
    """A window of a register for each key: the connection as an object.

    Attributes:
        arguments: place of the register's arguments in the plan.
        is_below: whether the first column tells the key's number; else there is one key.
        items: what to write of a row, for each list of the connection.
        keys: columns of the order keys, where a cursor of the page is asked for.
        parts: what fills the places of `text`: a number of `items`, a fact, or the total.
        total: counts the rows for the same keys, where that is asked for.
        told: the column that tells the total with every row of a whole register, if there is one.
    """

    statement: SqlStatement
    arguments: int
    is_below: bool
    items: tuple[Template, ...]
    keys: tuple[int, ...]
    text: bytes
    parts: tuple[int | str, ...]
    total: CountByKey | None
    told: int | None

    async def values(self, run: Run, keys: Sequence[Any]) -> Sequence[bytes]:
        """Return the connection of each key."""
        wanted = _distinct(keys)
        rows = await run.fetch(self.statement, keys=wanted) if wanted else []
        columns = _turned(rows)
        numbers = columns[0] if self.is_below else [1] * len(rows)
        slices = _slices(numbers, len(wanted), run.page(self.arguments))
        items = [await template.filled(run, columns, len(rows)) for template in self.items]
        totals = await self._totals(run, wanted, columns)
        found = {}
        for key, place, total in zip(wanted, slices, totals, strict=True):
            texts = [self._part(run, part, place, items, total, columns) for part in self.parts]
            found[key] = self.text % tuple(texts)
        return [found[key] for key in keys]

    async def _totals(self, run: Run, keys: Sequence[Any], columns: Columns) -> Sequence[bytes]:
        if self.total is None:
            return [NULL] * len(keys)
        if self.told is not None and columns[0]:
            return [b"%d" % columns[self.told][0]]
        return await self.total.values(run, keys)

    def _part(
        self,
        run: Run,
        part: int | str,
        place: Slice,
        items: Sequence[Sequence[bytes]],
        total: bytes,
        columns: Columns,
    ) -> bytes:
        if isinstance(part, int):
            return _list(place.cut(items[part]))
        match part:
            case "total":
                return total
            case "has_next_page":
                return _FLAG[place.has_next]
            case "has_previous_page":
                return _FLAG[place.has_previous]
        if place.start == place.end:
            return NULL
        is_first = (part == "start_cursor") != place.backward
        row = place.start if is_first else place.end - 1
        order = run.page(self.arguments).order
        return b'"%b"' % order.sealed([columns[index][row] for index in self.keys]).encode()


def _slices(numbers: Sequence[int], count: int, page: PageArguments) -> list[Slice]:
    """Cut the rows, which stand in the order of their numbers, into pages of 1 to `count`."""
    view = page.asked.view
    lengths, slices, start = Counter(numbers), [], 0
    for number in range(1, count + 1):
        length = lengths[number]
        more, goes_on = length > view.size, view.cursor is not None
        has_next, has_previous = (goes_on, more) if view.backward else (more, goes_on)
        end = start + min(length, view.size)
        slices.append(Slice(start, end, has_next, has_previous, view.backward))
        start += length
    return slices


def _distinct(keys: Sequence[Any]) -> list[Any]:
    return [key for key in dict.fromkeys(keys) if key is not None]


def _turned(rows: Sequence[Sequence[Any]]) -> Columns:
    # Column by column: `zip(*rows)` holds an iterator for each row and took 10 times as long.
    width = len(rows[0]) if rows else 1
    return [list(map(itemgetter(index), rows)) for index in range(width)]


def _list(texts: Sequence[bytes]) -> bytes:
    return b"[%b]" % b",".join(texts)
