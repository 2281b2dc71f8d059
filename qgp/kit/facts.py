"""What a module tells others of its rows: figures for guards and reports, and tables to join."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.loader import KeyIn, Loader, Reads
from qgp.kit.model import Record
from qgp.kit.policy import Permission, Principal


@dataclass(frozen=True, eq=False)
class BatchRows:
    """The rows that a statement selects for each key, for callers who hold `read`.

    For guards: a step is blocked by what is, not by what its taker may see; so no role narrows it.
    What leaves the server about rows of other modules is loaded by `VisibleRows`.

    Attributes:
        query: takes what says that a column is among the keys; selects the key first.
    """

    read: Permission
    query: Callable[[KeyIn], sa.Select[Any]]

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[Sequence[Any]]]:
        """Return the rows of each key, without it, in the order of the keys."""
        return await _grouped(reads, self.query(lambda column: column.in_(keys)), keys)


@dataclass(frozen=True, eq=False)
class VisibleRows:
    """Rows of each key that a statement selects, narrowed to what the caller may read.

    For fields and reports that show rows, or figures, of other modules.

    Attributes:
        read: what the caller must be allowed.
        select: takes the caller and what says that a column is among the keys; selects the key
            first, and applies `visible` of each permission whose rows it looks at.
    """

    read: Permission
    select: Callable[[Principal, KeyIn], sa.Select[Any]]

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[Sequence[Any]]]:
        """Return the rows of each key, without it, in the order of the keys."""
        statement = self.select(reads.caller, lambda column: column.in_(keys))
        return await _grouped(reads, statement, keys)


async def _grouped(
    reads: Reads, statement: sa.Select[Any], keys: list[UUID]
) -> list[list[Sequence[Any]]]:
    groups: dict[UUID, list[Sequence[Any]]] = defaultdict(list)
    for key, *row in await reads.tuples(statement):
        groups[key].append(row)
    return [groups[key] for key in keys]


@dataclass(eq=False)
class Supplied:
    """What a module has to know of rows of modules that come later in the flow.

    The later one supplies the loader, in the `Supplies` of its `guards.py`; `qgp.schema` passes it
    on. Its rows are described where it is declared.
    """

    loader: Loader[Any, Any] | None = None

    @property
    def read(self) -> Permission:
        """What the caller must be allowed to see the rows."""
        return self._supplied.read

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[Sequence[Any]]]:
        """Return the rows of each key, in the order of the keys."""
        rows: list[list[Sequence[Any]]] = await self._supplied.fetch(reads, keys)
        return rows

    @property
    def _supplied(self) -> Loader[Any, Any]:
        assert self.loader is not None, "no module supplies it"
        return self.loader


class Supplies(dict[Supplied, Loader[Any, Any]]):
    """What a module tells earlier ones of its rows."""

    def provide(self) -> None:
        """Let the earlier modules load it."""
        for supplied, loader in self.items():
            supplied.loader = loader


def table_of(model: type[Record], *names: str) -> sa.Subquery:
    """Return a table of `id` and further columns of all rows, unfiltered, to join."""
    columns: Any = [getattr(model, name) for name in ("id", *names)]
    return sa.select(*columns).subquery(model.__tablename__)


def batch_rows(read: Permission, query: Callable[[KeyIn], sa.Select[Any]]) -> BatchRows:
    """Load what a statement tells of each key."""
    return BatchRows(read, query)
