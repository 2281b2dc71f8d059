"""Visibility of the records of events, checked when an event is shown, by the READ of their module.

Many callers wait for the same events, so one statement answers for all of them: it reads each
record once, with a Boolean for each different condition of the callers' roles.
"""

import asyncio
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from qgp.kit.batching import RequestBatcher
from qgp.kit.context import Context
from qgp.kit.lru_cache import LRUCache
from qgp.kit.model import Record, records
from qgp.kit.outbox import OutboxEvent, of_records, related_record
from qgp.kit.policy import Permission, Principal
from qgp.kit.session import Database, Scope
from qgp.kit.visibility import NODES, Named, readable_among

_MOST_SEEN = 1_000  # records that one subscription remembers
_BATCH = 2_000  # checks of one transaction
_CONDITIONS = 40  # of one statement
_MEMORY_SECONDS = 10  # of a condition, which may depend on the day
_DIALECT: sa.Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]


class Sight(NamedTuple):
    """Result of a check.

    Attributes:
        is_readable: whether the caller may read the record, or all records of its kind.
        row: the record; None where it is hidden or deleted.
        is_gone: whether the record does not exist any more.
    """

    is_readable: bool
    row: Record | None = None
    is_gone: bool = False


HIDDEN = Sight(False)


class Limit(NamedTuple):
    """Condition on the rows that a caller may read.

    Attributes:
        key: equal for equal conditions; None where there is none.
    """

    key: Hashable
    condition: sa.ColumnElement[bool] | None


class _Check(NamedTuple):
    prefix: str
    id: UUID
    limit: Limit


@dataclass(frozen=True)
class EventVisibility:
    """Checks of all callers of this process, in common statements."""

    database: Database
    _batches: RequestBatcher[_Check, Sight]

    @classmethod
    def of(cls, database: Database) -> "EventVisibility":
        """Return the checks on a database."""
        return cls(database, RequestBatcher(_BATCH))

    async def sight(self, caller: Principal, named: Named) -> Sight:
        """Return whether a caller may read a record now, and the record."""
        prefix, id = named
        read = NODES[prefix].read
        if not caller.may(read):
            return HIDDEN
        limit = _limit(read, caller, int(time.monotonic() // _MEMORY_SECONDS))
        execute = partial(self._execute, caller.organization_id)
        return await self._batches.submit(
            caller.organization_id, _Check(prefix, id, limit), execute
        )

    async def _execute(self, organization_id: UUID, checks: Sequence[_Check]) -> Sequence[Sight]:
        sights: dict[tuple[str, UUID, Hashable], Sight] = {}
        async with self.database.read(Scope(organization_id)) as session:
            for prefix in dict.fromkeys(check.prefix for check in checks):
                of_kind = [check for check in checks if check.prefix == prefix]
                ids = list(dict.fromkeys(check.id for check in of_kind))
                limits = {check.limit.key: check.limit for check in of_kind}
                for some in _parts(list(limits.values())):
                    rows = (await session.execute(_statement(prefix, ids, some))).all()
                    sights |= _sights(prefix, ids, some, {row[0].id: row for row in rows})
        return [sights[check.prefix, check.id, check.limit.key] for check in checks]


class VisibleEvents:
    """Events that one caller may see, with their records.

    A record that does not exist any more has no row that a condition could be compared with, so
    its events are shown to callers without a condition, and to those who saw the record before.
    """

    def __init__(self) -> None:
        self._seen: LRUCache[bool] = LRUCache(_MOST_SEEN)

    async def of(
        self, context: Context, events: Sequence[OutboxEvent]
    ) -> Sequence[tuple[OutboxEvent, Record | None]]:
        """Return the events that the caller of a context may see now, with their records."""
        events = of_records(events)
        named = [(records()[event.entity].prefix, event.entity_id) for event in events]
        related = [*map(related_record, events)]
        sights = await self._sights(context, [*named, *filter(None, related)])
        return [
            (event, sights[name].row)
            for event, name, other in zip(events, named, related, strict=True)
            if sights[name].is_readable and (other is None or sights[other].is_readable)
        ]

    async def _sights(self, context: Context, named: Sequence[Named]) -> Mapping[Named, Sight]:
        visibility, caller = context.services[EventVisibility], context.caller
        distinct = [name for name in dict.fromkeys(named) if name[0] in NODES]
        results = await asyncio.gather(*[visibility.sight(caller, name) for name in distinct])
        sights = dict.fromkeys(named, HIDDEN) | dict(zip(distinct, results, strict=True))
        for name, sight in sights.items():
            if sight.is_readable:
                self._seen.put(name, True)
            elif sight.is_gone and self._seen.get(name):
                sights[name] = sight._replace(is_readable=True)
        return sights


async def readable_now(
    context: Context, events: Sequence[OutboxEvent]
) -> list[tuple[OutboxEvent, Record | None]]:
    """Return the events that the caller may see now, with their records.

    Unlike `VisibleEvents` it reads in the transaction of the operation.
    """
    caller, events = context.caller, of_records(events)
    loaders = [NODES.get(records()[event.entity].prefix) for event in events]
    readable = [
        (event, loader)
        for event, loader in zip(events, loaders, strict=True)
        if loader is not None and caller.may(loader.read)
    ]
    rows = await asyncio.gather(
        *[context.load(loader, event.entity_id) for event, loader in readable]
    )
    related = {event.id: name for event in events if (name := related_record(event)) is not None}
    visible = await readable_among(context, related.values())
    return [
        (event, row)
        for (event, loader), row in zip(readable, rows, strict=True)
        if row is not None or not loader.read.visible(caller)
        if event.id not in related or related[event.id] in visible
    ]


@lru_cache(4096)
def _limit(read: Permission, caller: Principal, _: int) -> Limit:
    conditions = read.visible(caller)
    if not conditions:
        return Limit(None, None)
    condition = sa.and_(*conditions)
    compiled = condition.compile(dialect=_DIALECT)
    return Limit((str(compiled), repr(sorted(compiled.params.items()))), condition)


def _parts(limits: Sequence[Limit]) -> Sequence[Sequence[Limit]]:
    return [limits[at : at + _CONDITIONS] for at in range(0, len(limits), _CONDITIONS)]


def _statement(prefix: str, ids: Sequence[UUID], limits: Sequence[Limit]) -> sa.Select[Any]:
    model: Any = NODES[prefix].model
    flags = [
        sa.func.coalesce(sa.true() if one.condition is None else one.condition, sa.false())
        for one in limits
    ]
    named = [flag.label(f"limit_{place}") for place, flag in enumerate(flags)]
    return sa.select(model, *named).where(model.id.in_(ids))


def _sights(
    prefix: str, ids: Sequence[UUID], limits: Sequence[Limit], rows: Mapping[UUID, Any]
) -> dict[tuple[str, UUID, Hashable], Sight]:
    sights: dict[tuple[str, UUID, Hashable], Sight] = {}
    for id in ids:
        row = rows.get(id)
        for place, limit in enumerate(limits, start=1):
            if row is None:
                sight = Sight(limit.key is None, None, is_gone=True)
            else:
                sight = Sight(True, row[0]) if row[place] else HIDDEN
            sights[prefix, id, limit.key] = sight
    return sights
