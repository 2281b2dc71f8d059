"""Facts: rows and figures of a module that guards and reports of other modules load."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.loader import KeyIn, Loader, Reads
from qgp.kit.model import Record
from qgp.kit.policy import Permission, Principal
from qgp.kit.text_keys import sorted_by

_KEYS: Final[sa.BindParameter[Any]] = sa.bindparam("keys", expanding=True)


def unnamed(*values: Any) -> Sequence[Any]:
    """Return the values of a row by position."""
    return values


@dataclass(frozen=True, eq=False)
class BatchRows:
    """Loader of the rows that a statement selects for each key, for callers with `read`.

    For guards: a transition is blocked by all rows, also by those that the caller may not see.
    `VisibleRows` loads what leaves the server about rows of other modules.

    Attributes:
        read: the permission that the caller must hold.
        query: takes the condition "a column is one of the keys"; selects the key first. It is
            called once, so that it names the time in SQL (`sql_dates`), not as a value.
        row: a named tuple of the selected columns after the key, in their order.
    """

    read: Permission
    query: Callable[[KeyIn], sa.Select[Any]]
    row: Callable[..., Any] = unnamed

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[Any]]:
        """Return the rows of each key, without it, in the order of the keys."""
        rows = await reads.tuples(self._statement, {_KEYS.key: keys})
        return _grouped(rows, keys, self.row)

    @cached_property
    def _statement(self) -> sa.Select[Any]:
        """Made once: building it takes as long as running it."""
        return self.query(lambda column: column.in_(_KEYS))


@dataclass(frozen=True, eq=False)
class VisibleRows:
    """Loader of the rows that a statement selects for each key, limited to visible ones.

    For fields and reports that show rows, or figures, of other modules.

    Attributes:
        read: the permission that the caller must hold.
        select: takes the caller and the condition "a column is one of the keys"; selects the key
            first, and applies `visible` of each permission whose rows it reads.
    """

    read: Permission
    select: Callable[[Principal, KeyIn], sa.Select[Any]]

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[Sequence[Any]]]:
        """Return the rows of each key, without it, in the order of the keys."""
        statement = self.select(reads.caller, lambda column: column.in_(keys))
        return _grouped(await reads.tuples(statement), keys)


def _grouped(
    rows: Sequence[Any], keys: list[UUID], row: Callable[..., Any] = unnamed
) -> list[list[Any]]:
    groups: dict[UUID, list[Any]] = defaultdict(list)
    for key, *values in rows:
        groups[key].append(row(*values))
    return [groups[key] for key in keys]


@dataclass(eq=False)
class LateBoundLoader:
    """Loader that a module declares and a later module in the flow implements.

    The later module binds the loader in the `LoaderBindings` of its `guards.py`; `qgp.schema`
    installs it. Its rows are described where it is declared.
    """

    row: Callable[..., Any] = unnamed
    loader: Loader[Any, Any] | None = None

    @property
    def read(self) -> Permission:
        """The permission that the caller must hold."""
        return self._bound.read

    @property
    def query(self) -> Callable[[KeyIn], sa.Select[Any]]:
        """The statement of the bound loader, a `BatchRows`."""
        assert isinstance(self.loader, BatchRows), "no module binds it"
        return self.loader.query

    async def fetch(self, reads: Reads, keys: list[UUID]) -> list[list[Any]]:
        """Return the rows of each key, in the order of the keys."""
        groups: list[list[Any]] = await self._bound.fetch(reads, keys)
        if self.row is unnamed:
            return groups
        return [[self.row(*values) for values in group] for group in groups]

    @property
    def _bound(self) -> Loader[Any, Any]:
        assert self.loader is not None, "no module binds it"
        return self.loader


class LoaderBindings(dict[LateBoundLoader, Loader[Any, Any]]):
    """Loaders of a module, by the declaration of an earlier module that each implements."""

    def bind(self) -> None:
        """Install the loaders."""
        for declared, loader in self.items():
            declared.loader = loader


def table_of(model: type[Record], *names: str, sort_by: str | None = None) -> sa.Subquery:
    """Return a subquery of `id` and further columns of all rows, unfiltered, to join.

    Args:
        names: of the columns.
        sort_by: the column whose sort key is the further column `sort_key`.
    """
    columns: Any = [getattr(model, name) for name in ("id", *names)]
    if sort_by is not None:
        columns.append(sorted_by(getattr(model, sort_by)).label("sort_key"))
    return sa.select(*columns).subquery(model.__tablename__)


def batch_rows(
    read: Permission,
    query: Callable[[KeyIn], sa.Select[Any]],
    row: Callable[..., Any] = unnamed,
) -> BatchRows:
    """Load the rows that a statement selects for each key; `row` names their columns."""
    return BatchRows(read, query, row)
