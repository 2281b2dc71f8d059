"""Visibility of records that are known by id only, by the READ permission of their module.

Fields, lists and look-ups apply that permission themselves. Blockers, values of the audit trail and
filters hold bare ids and use these functions.
"""

from collections.abc import Awaitable, Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from qgp.kit.loader import One, Reads
from qgp.kit.model import Record, records
from qgp.kit.policy import Permission, Principal, readable_ids
from qgp.kit.text_keys import sorted_by

NODES: dict[str, One[Any]] = {}  # by prefix, see `qgp.kit.composition`
Named = tuple[str, UUID]  # prefix and id of a record


class Loads(Protocol):
    """Operation that looks up records."""

    @property
    def caller(self) -> Principal:
        """The signed-in user."""

    def load(self, loader: Any, key: Any) -> Awaitable[Any]:
        """Load through the operation's loaders."""


def limits_of(model: type[Record], caller: Principal) -> Sequence[sa.ColumnElement[bool]]:
    """Return the conditions on the rows of a record that the caller may read; often none.

    For statements of modules that come before the owning one in the flow, and cannot import it.
    """
    read = NODES[model.prefix].read
    return read.visible(caller) if caller.may(read) else [sa.false()]


def readable_rows(prefix: str, caller: Principal) -> sa.Select[Any] | None:
    """Select the ids of a kind's records that the caller may read; None where that is all."""
    loader = NODES[prefix]
    if not caller.may(loader.read):
        return sa.select(loader.model.id).where(sa.false())
    return readable_ids(loader.model, loader.read, caller)


def sort_key_of_related(
    attribute: InstrumentedAttribute[Any], shown: str, caller: Principal
) -> sa.ColumnElement[Any]:
    """Return the sort key of a text of the record that a row points at; null where it is hidden.

    Args:
        attribute: the column that points at the record.
        shown: the text column, which is `sortable`.
        caller: the signed-in user.
    """
    model: Any = records()[attribute.property.columns[0].info["ref"]]
    key = sorted_by(getattr(model, shown)).label("key")
    rows = sa.select(model.id.label("id"), key).where(*limits_of(model, caller))
    related = rows.correlate(None).subquery()
    selected = sa.select(related.c.key).where(related.c.id == attribute)
    return selected.correlate(attribute.class_).scalar_subquery()


@dataclass(frozen=True, eq=False)
class Readable:
    """Loader of the readable ones of some records; keys and values are sets of ids."""

    prefix: str
    read: Permission

    async def fetch(self, reads: Reads, keys: list[frozenset[UUID]]) -> list[frozenset[UUID]]:
        """Return the readable ids of each key, in one statement for all keys."""
        rows = readable_rows(self.prefix, reads.caller)
        assert rows is not None
        among = rows.where(NODES[self.prefix].model.id.in_(frozenset().union(*keys)))
        visible = frozenset(await reads.rows(among))
        return [key & visible for key in keys]


async def readable_among(loads: Loads, named: Iterable[Named]) -> Collection[Named]:
    """Return those of the named records that the caller may read.

    One statement for each kind that the role is limited in; none for the others.
    """
    kinds: dict[str, set[UUID]] = {}
    for prefix, id in named:
        kinds.setdefault(prefix, set()).add(id)
    visible: set[Named] = set()
    for prefix, ids in kinds.items():
        read = NODES[prefix].read
        if not loads.caller.may(read):
            continue
        part: Collection[UUID] = ids
        if readable_rows(prefix, loads.caller) is not None:
            part = await loads.load(_readable_of(prefix), frozenset(ids))
        visible |= {(prefix, id) for id in part}
    return visible


@cache
def _readable_of(prefix: str) -> Readable:
    return Readable(prefix, NODES[prefix].read)
