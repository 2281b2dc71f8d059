"""Candidates for those who watch a record: changes of it, of its parts and of records about it."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.model import records
from qgp.kit.outbox import EventVerb, OutboxEvent
from qgp.kit.subjects import About
from qgp.kit.work import Work
from qgp.notifications.commands.candidates import notification, subject_of, verb_of
from qgp.notifications.model import Notification, NotificationKind
from qgp.watches.facts import watches_unfiltered

_CHANGES = frozenset(EventVerb)


async def watched_changes(work: Work, events: Sequence[OutboxEvent]) -> Sequence[Notification]:
    """Return one notification for each watch, of the latest event by another user since it began.

    A comment, attachment, piece of evidence or signature is one of the record that it is about.
    """
    changes = [event for event in events if verb_of(event) in _CHANGES]
    about = await _subjects_of_new(work, changes)
    by_record = defaultdict[UUID, list[OutboxEvent]](list)
    for event in changes:
        by_record[subject_of(event)[1]].append(event)
        if event.entity_id in about:
            by_record[about[event.entity_id]].append(event)
    watches = await work.rows(watches_unfiltered(by_record)) if by_record else ()
    rows = []
    for watch in watches:
        later = [
            event
            for event in by_record[watch.subject_id]
            if event.actor_id != watch.user_id and event.at >= watch.created_at
        ]
        if later:
            row = notification(later[-1], NotificationKind.WATCHED_CHANGE, watch.user_id)
            row.subject_type, row.subject_id = watch.subject_type, watch.subject_id
            rows.append(row)
    return rows


async def _subjects_of_new(work: Work, events: Sequence[OutboxEvent]) -> Mapping[UUID, UUID]:
    """Return the subjects of the records about others that events created."""
    ids = defaultdict[str, set[UUID]](set)
    for event in events:
        if verb_of(event) == EventVerb.CREATED and issubclass(records()[event.entity], About):
            ids[event.entity].add(event.entity_id)
    subjects: dict[UUID, UUID] = {}
    for entity, ids_of_kind in ids.items():
        model: Any = records()[entity]
        columns: tuple[Any, ...] = (model.id, model.subject_id)
        statement = sa.select(*columns).where(model.id.in_(ids_of_kind))
        subjects |= dict(map(tuple, await work.tuples(statement)))
    return subjects
