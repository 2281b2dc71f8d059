"""Signed content as the workflows declare it: the signed records that a change may concern."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.audit_content import content_columns
from qgp.kit.model import records
from qgp.kit.names import to_camel
from qgp.kit.outbox import EventVerb, OutboxEvent
from qgp.kit.sealing import Seal, seal_of
from qgp.kit.subjects import subjects_of
from qgp.kit.work import Work
from qgp.signatures.model import Signature

_CHANGES = frozenset({EventVerb.UPDATED, EventVerb.TRANSITIONED})


@dataclass
class SealedTable:
    """What signatures seal of the rows of a table.

    Attributes:
        fields: as events name them.
        parents: tables of the rows that they belong to, by the column that points there.
    """

    fields: set[str] = field(default_factory=set)
    parents: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))


def declared_seals() -> Iterator[tuple[type[Any], str, Seal]]:
    """Yield kind of record, transition and seal; an empty name for what holds without one."""
    for loader in subjects_of(Signature):
        model = loader.model
        yield model, "", seal_of(model)
        workflow = getattr(model, "workflow", None)
        for transition in workflow.transitions.values() if workflow else ():
            if transition.seals is not None:
                yield model, transition.name, transition.seals


@cache
def _tables() -> Mapping[str, SealedTable]:
    tables = defaultdict[str, SealedTable](SealedTable)

    def collect(model: Any, seal: Seal) -> None:
        table = tables[model.__tablename__]
        names = (*(seal.columns or content_columns(model)), *seal.if_set)
        table.fields |= {to_camel(name.removesuffix("_id")) for name in names}
        for rows in seal.rows:
            tables[rows.table].parents[rows.parent].add(model.__tablename__)
            collect(rows.model, rows.content)

    for model, _, seal in declared_seals():
        collect(model, seal)
    return dict(tables)


def may_supersede(event: OutboxEvent) -> bool:
    """Whether an event is a change of what signatures seal: of a field, or of the rows."""
    sealed, verb = _tables().get(event.entity), event.name.partition(".")[2]
    if sealed is None:
        return False
    if verb in _CHANGES:
        return not sealed.fields.isdisjoint(event.data["fields"])
    return verb == EventVerb.DELETED or (verb == EventVerb.CREATED and event.part_of_id is not None)


async def records_above(work: Work, events: Sequence[OutboxEvent]) -> Collection[UUID]:
    """Return the records of events, and those whose signed content these belong to."""
    level = defaultdict[str, set[UUID]](set)
    for event in events:
        level[event.entity].add(event.entity_id)
        if event.part_of_id is not None:
            kind = records()[event.entity]
            level[kind.__table__.c[kind.part_of or ""].info["ref"]].add(event.part_of_id)
    all_ids: set[UUID] = set()
    while level:
        all_ids = all_ids.union(*level.values())
        level = await _parents(work, level)
    return all_ids


async def _parents(work: Work, level: Mapping[str, set[UUID]]) -> defaultdict[str, set[UUID]]:
    above = defaultdict[str, set[UUID]](set)
    for table, ids in level.items():
        model: Any = records()[table]
        for name, parents in _tables().get(table, SealedTable()).parents.items():
            column = getattr(model, name)
            belongs = model.id.in_(ids), column.is_not(None)
            rows = await work.rows(sa.select(column).where(*belongs).distinct())
            for parent in parents if rows else ():
                above[parent] |= {*rows}
    return above
