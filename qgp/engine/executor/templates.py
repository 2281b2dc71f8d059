"""JSON templates: constant bytes with placeholders, filled with columns of JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Generic, Protocol, TypeVar

from qgp.engine.executor.execution import Execution

NULL = b"null"
Columns = Sequence[Sequence[Any]]
T_contra = TypeVar("T_contra", contravariant=True)
T = TypeVar("T")


class Source(Protocol[T_contra]):
    """Source of one placeholder of a template.

    The data are the columns of a statement for an object of each row, and the pages of a listing
    for a connection of each key.
    """

    async def texts(self, execution: Execution, data: T_contra) -> Sequence[bytes]:
        """Return the JSON for each row, or each page, in order."""


@dataclass(frozen=True)
class Template(Generic[T]):
    """Bytes with one placeholder (`%b`) for each source, filled once for each row or page."""

    text: bytes
    sources: tuple[Source[T], ...]

    async def fill(self, execution: Execution, data: T, count: int) -> Sequence[bytes]:
        """Return the template filled `count` times."""
        if not count:
            return []
        if not self.sources:
            return [self.text % ()] * count
        texts = [await source.texts(execution, data) for source in self.sources]
        return list(map(self.text.__mod__, zip(*texts, strict=True)))

    def json_list(self, texts: Sequence[bytes]) -> bytes:
        """Return a JSON list of objects from the texts of the only source, in one step."""
        before, after = self._ends
        if not texts:
            return json_list(texts)
        return b"".join((b"[", before, (b"%b,%b" % (after, before)).join(texts), after, b"]"))

    @cached_property
    def _ends(self) -> tuple[bytes, bytes]:
        """The text before and after the only placeholder; JSON has no NUL."""
        before, _, after = (self.text % b"\0").partition(b"\0")
        return before, after


@dataclass(frozen=True)
class ColumnSource:
    """JSON that PostgreSQL wrote, in one column."""

    column: int

    async def texts(self, _: Execution, data: Columns) -> Sequence[bytes]:
        """Return the column."""
        return data[self.column]


@dataclass(frozen=True)
class CursorSource:
    """Cursors of edges from the order keys in some columns."""

    arguments: int
    columns: tuple[int, ...]

    async def texts(self, execution: Execution, data: Columns) -> Sequence[bytes]:
        """Return the cursor of each row."""
        order = execution.page_arguments(self.arguments).order
        keys = zip(*[data[index] for index in self.columns], strict=True)
        return list(map(b'"%b"'.__mod__, order.cursors(keys)))


def to_columns(rows: Sequence[Sequence[Any]]) -> Columns:
    """Return the columns of rows; one empty column where there is no row."""
    # Column by column: `zip(*rows)` holds an iterator for each row and took 10 times as long.
    width = len(rows[0]) if rows else 1
    return [list(map(itemgetter(index), rows)) for index in range(width)]


def json_list(texts: Sequence[bytes]) -> bytes:
    """Return a JSON list of JSON texts."""
    return b"[%b]" % b",".join(texts)
