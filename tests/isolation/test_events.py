"""The steps of a world leave each event: one of every change, and those that add to changes."""

from collections import Counter
from collections.abc import Iterator

import sqlalchemy as sa

from qgp.events.facts import event_verbs, require_patterns
from qgp.kit.audit import AuditEntry
from qgp.kit.model import records
from qgp.kit.outbox import EventVerb, OutboxEvent, event_kind
from qgp.kit.session import Scope
from qgp.kit.workflow import Stateful
from qgp.webhooks.facts import REPLAYED, TEST
from tests.isolation.conftest import Stage

_CHANGES = set(EventVerb) - {EventVerb.ASSIGNED}  # one event of each entry of the trail
_KINDS = OutboxEvent.name, OutboxEvent.entity


async def test_each_further_event_is_emitted_beside_those_of_changes(stage: Stage) -> None:
    entries = sa.select(AuditEntry.entity, sa.func.count().label("total")).group_by(
        AuditEntry.entity
    )
    events = sa.select(*_KINDS, sa.func.count()).group_by(*_KINDS)
    scope = Scope(stage.a.company.organization_id)
    async with stage.application.database.read(scope) as session:
        written = {row.entity: row.total for row in await session.execute(entries)}
        every = (await session.execute(events)).all()
    emitted = [row for row in every if row.entity in records()]  # without the internal ones
    changes = Counter[str]()
    for event, entity, count in emitted:
        if event.partition(".")[2] in _CHANGES:
            changes[entity] += count
    assert changes == written
    further = {"finding.recurrence_detected", "signature.applied", *_of_transitions()}
    names = {event for event, _, _ in emitted}
    assert further | {"audit_template.restored"} <= names
    verbs = {event.partition(".")[2] for event in names}
    assert "commented" in verbs <= {*event_verbs(), TEST, REPLAYED}
    require_patterns([name for name in names if not name.endswith((TEST, REPLAYED))], "events")


def _of_transitions() -> Iterator[str]:
    for kind in records().values():
        if issubclass(kind, Stateful):
            steps = kind.workflow.transitions.values()
            yield from (f"{event_kind(kind)}.{step.emits}" for step in steps if step.emits)
