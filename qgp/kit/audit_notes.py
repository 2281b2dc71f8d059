"""Notes of a transaction's changes, from which the audit trail and the outbox are written.

They stand in the session's `info` from the flush that writes a change to the commit.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import orm
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import instance_dict

from qgp.kit import audit_content, clock, outbox, redaction
from qgp.kit.model import Owned, Record
from qgp.kit.pace import Pace

EVENTS = "events"  # as JSON texts


class Note(NamedTuple):
    """A flushed change that is not yet part of the chain."""

    entity: str
    entity_id: UUID
    entity_version: int
    changes: dict[str, Any]
    part_of_id: UUID | None
    reason: str | None
    reference: str | None


def reason_of(session: orm.Session) -> str | None:
    """Return the reason of the changes that are being flushed."""
    reason: str | None = session.info.get("reason")
    return reason


def note(
    session: orm.Session,
    new: Sequence[Record],
    changed: Sequence[Record],
    deleted: Sequence[Record],
) -> None:
    """Note the staged changes of a flush for the entries that are written before the commit."""
    notes = session.info.setdefault("notes", [])
    notes.extend(_note(session, row, 1, audit_content.values_of_new(row)) for row in new)
    notes.extend(_note(session, row, row.version, audit_content.changes_of(row)) for row in changed)
    notes.extend(
        _note(session, row, row.version + 1, {"deleted": [False, True]}) for row in deleted
    )


def _note(session: orm.Session, row: Record, version: int, changes: dict[str, Any]) -> Note:
    """Return the note of one change, with digests in place of redactable texts."""
    redacted = session.info.get("redactions", {}).pop(row, ())
    if redacted:
        redaction.remove_texts(session, row, redacted)
    if texts := redaction.seal_texts(row, version, changes, redacted):
        session.info.setdefault("texts", []).extend(texts)
    part_of_id = getattr(row, row.part_of) if row.part_of else None
    reason = reason_of(session)
    reference = instance_dict(row).get("reference")
    return Note(row.__tablename__, row.id, version, changes, part_of_id, reason, reference)


def emit(
    session: orm.Session, kind: type[Owned], id: UUID, version: int, name: str, **data: Any
) -> None:
    """Leave a further event of a row to the commit, with the version that the row has."""
    event = outbox.pending(kind, id, version, name, **data)
    session.info.setdefault("emitted", []).append(event)


def seal(session: orm.Session) -> None:
    """Turn the notes so far into payloads and events, with the present instant, actor and action.

    The reason of the changes so far holds no longer.
    """
    notes: list[Note] = session.info.pop("notes", [])
    emitted: list[dict[str, Any]] = session.info.pop("emitted", [])
    session.info.pop("reason", None)
    if not notes and not emitted:
        return
    scope = session.info["scope"]
    shared = {
        "at": audit_content.json_form(clock.now()),
        "actor_id": audit_content.json_form(scope.actor_id),
        "action": scope.action,
        "request_id": scope.request_id,
    }
    payloads = session.info.setdefault("payloads", [])
    payloads.extend(
        (audit_content.canonical(shared | _changed_record(pending)), pending.part_of_id)
        for pending in notes
    )
    common = {name: shared[name] for name in ("at", "actor_id", "action")}
    changes = [event for pending in notes for event in _events(pending)]
    events = session.info.setdefault(EVENTS, [])
    events.extend(audit_content.canonical(common | event) for event in [*changes, *emitted])


async def replace(
    session: AsyncSession, pattern: re.Pattern[str], texts: Mapping[str, str]
) -> None:
    """Replace the texts that match a pattern in the changes of this transaction.

    Args:
        pattern: of provisional texts.
        texts: the final ones, by the provisional ones; others stay.
    """
    await session.run_sync(seal)
    payloads, events = session.info.get("payloads", []), session.info.get(EVENTS, [])
    pace = Pace()

    def final(text: str) -> str:
        return pattern.sub(lambda match: texts.get(match[0], match[0]), text)

    for place, (payload, owner) in enumerate(payloads):
        await pace()
        payloads[place] = final(payload), owner
    for place, event in enumerate(events):
        await pace()
        events[place] = final(event)


def _events(pending: Note) -> Iterator[dict[str, Any]]:
    return outbox.events_of_change(
        pending.entity,
        pending.entity_id,
        pending.entity_version,
        pending.changes,
        part_of_id=pending.part_of_id,
        reference=pending.reference,
    )


def _changed_record(pending: Note) -> dict[str, Any]:
    return {
        "entity": pending.entity,
        "entity_id": audit_content.json_form(pending.entity_id),
        "entity_version": pending.entity_version,
        "changes": pending.changes,
        "reason": pending.reason,
    }
