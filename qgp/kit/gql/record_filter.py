"""Filter of records of any type, with the filter of each type, and the changes that match one."""

from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from dataclasses import fields
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import strawberry
from strawberry import UNSET

from qgp.kit.context import Context
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.fields import TYPES
from qgp.kit.gql.filter_operands import null_error
from qgp.kit.gql.filter_sql import conditions, parse_filter
from qgp.kit.gql.filters import filter_field, lazy_filter
from qgp.kit.lru_cache import LRUCache
from qgp.kit.model import Record
from qgp.kit.names import snake, to_camel
from qgp.kit.outbox import OutboxEvent
from qgp.kit.policy import Principal

Seen = tuple[OutboxEvent, Record | None]
_MOST_MATCHED = 1_000  # records that one subscription remembers


@cache
def record_filter() -> Any:
    """Return the filter; modules that come last call it, once every type is declared."""
    kinds = sorted((snake(kind.__name__), kind.__name__) for kind in TYPES.values())
    body: dict[str, Any] = {
        field: filter_field(f"Conditions on records of the type `{name}`.") for field, name in kinds
    }
    hints = {field: lazy_filter(name) | None for field, name in kinds}
    body |= {"__annotations__": hints, "__module__": __name__, "model": None}
    text = "Filter conditions by type of record; records of types without conditions match."
    return strawberry.input(share_annotations(type("RecordFilter", (), body)), description=text)


class MatchingChanges:
    """Changes of records that match a filter, for one subscription.

    The change by which a record ceases to match, or is deleted, is shown to those who saw it match.
    """

    def __init__(self, filter: Any, caller: Principal) -> None:
        """Check the filter.

        Args:
            filter: a `RecordFilter`, or None.

        Raises:
            Invalid: null in a field, or an id of another kind.
            Forbidden: it has conditions on related records that the caller may not read.
        """
        self._filters = dict(_by_table(filter, caller))
        self._matched: LRUCache[bool] = LRUCache(_MOST_MATCHED)

    async def of(self, context: Context, seen: Sequence[Seen]) -> Sequence[Seen]:
        """Return the changes of records that match now, or did when they were shown before."""
        matching = await self._ids(context, seen)
        return [(event, row) for event, row in seen if self._is_shown(event, matching)]

    async def _ids(self, context: Context, seen: Sequence[Seen]) -> Set[UUID]:
        """Return the ids of the records that match now."""
        ids = defaultdict[str, set[UUID]](set)
        for event, row in seen:
            if event.entity in self._filters and row is not None:
                ids[event.entity].add(row.id)
        matching = set[UUID]()
        for table, ids_of_table in ids.items():
            filter = self._filters[table]
            limits = filter.model.id.in_(ids_of_table), *conditions(filter, context.caller)
            matching |= {*await context.rows(sa.select(filter.model.id).where(*limits))}
        return matching

    def _is_shown(self, event: OutboxEvent, matching: Set[UUID]) -> bool:
        if event.entity not in self._filters:
            return True
        if event.entity_id in matching:
            return self._matched.put(event.entity_id, True)
        was_shown = event.entity_id in self._matched
        self._matched.discard(event.entity_id)
        return was_shown


def _by_table(filter: Any, caller: Principal) -> Iterator[tuple[str, Any]]:
    for field in fields(filter) if filter else ():
        of_kind, path = getattr(filter, field.name), ("filter", to_camel(field.name))
        if of_kind is None:
            raise null_error(path)
        if of_kind is not UNSET:
            parse_filter(of_kind, caller, *path)
            yield of_kind.model.__tablename__, of_kind
