"""The trail: who changed what, when and why, chained by hash inside each organization.

An entry is written in the transaction of the change it tells of; deferred triggers refuse the one
without the other. `hash = SHA-256(tag ‖ organization ‖ seq ‖ previous hash ‖ payload)`, where the
payload is canonical JSON (RFC 8785) and is stored as hashed. ISO 9001:2015, 7.5.3.
"""

import hashlib
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import clock
from qgp.kit.model import Owned, Record

_TAG = b"qgp-audit-v1"
_UNTOLD = {"version", "created_at", "created_by_id", "updated_at", "updated_by_id"}
_TOLD: tuple[str, ...] = ("at", "actor_id", "action", "entity", "entity_id", "entity_version")
_TOLD += ("changes", "reason", "request_id")
GENESIS = bytes(32)


class AuditEntry(Owned):
    """One version of one record: what changed from the version before."""

    __tablename__ = "audit_entries"
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None]
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID]
    entity_version: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None]
    request_id: Mapped[str | None]
    payload: Mapped[str]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "entity", "entity_id", "entity_version"),
    )


class AuditHead(Owned):
    """The last link of each organization's chain; locked last before a commit."""

    __tablename__ = "audit_heads"
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[bytes]


@dataclass(frozen=True)
class Note:
    """A change seen at flush, waiting for its place in the chain."""

    entity: str
    entity_id: UUID
    entity_version: int
    changes: dict[str, Any]


def note(session: orm.Session) -> None:
    """Write down what this flush is about to change."""
    notes = session.info.setdefault("notes", [])
    notes.extend(Note(row.__tablename__, row.id, 1, _changes(row)) for row in _of(session.new))
    for row in _of(session.dirty):
        if session.is_modified(row):
            notes.append(Note(row.__tablename__, row.id, row.version + 1, _changes(row)))
    for row in _of(session.deleted):
        notes.append(Note(row.__tablename__, row.id, row.version + 1, {"deleted": [False, True]}))


def append(session: orm.Session) -> None:
    """Chain the notes of this transaction, in order; the head stays locked until it ends."""
    notes: list[Note] = session.info.pop("notes", [])
    if not notes:
        return
    scope, at = session.info["scope"], clock.now()
    connection = session.connection()
    seq, previous = _lock_head(connection, scope.organization_id)
    entries = []
    for seq, found in enumerate(notes, start=seq + 1):  # noqa: B020 - the chain goes on
        told = {
            "at": _text(at),
            "actor_id": _text(scope.actor_id),
            "action": scope.action,
            "entity": found.entity,
            "entity_id": _text(found.entity_id),
            "entity_version": found.entity_version,
            "changes": found.changes,
            "reason": session.info.get("reason"),
            "request_id": scope.request_id,
        }
        payload = canonical(told)
        link = chain(scope.organization_id, seq, previous, payload)
        typed = {"at": at, "actor_id": scope.actor_id, "entity_id": found.entity_id}
        place = {"organization_id": scope.organization_id, "seq": seq}
        proof = {"payload": payload, "previous_hash": previous, "hash": link}
        entries.append(told | typed | place | proof)
        previous = link
    connection.execute(sa.insert(AuditEntry), entries)
    connection.execute(
        sa.update(AuditHead)
        .where(AuditHead.organization_id == scope.organization_id)
        .values(seq=seq, hash=previous)
    )


def chain(organization_id: UUID, seq: int, previous: bytes, payload: str) -> bytes:
    """Return the 32 bytes that seal one entry to all before it."""
    place = organization_id.bytes + seq.to_bytes(8, "big")
    return hashlib.sha256(_TAG + place + previous + payload.encode()).digest()


def canonical(value: Any) -> str:
    """Return RFC 8785 JSON for what an entry may hold: text, integers, booleans, null, nested."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


async def first_broken(session: AsyncSession) -> int | None:
    """Return the sequence number of the first entry that does not fit the chain, or None.

    Finds what was edited, deleted, inserted or reordered, and columns that differ from what was
    hashed; an entry cut off the end shows as a head that is ahead.
    """
    expected, previous = 1, GENESIS
    async for entry in _entries(session):
        link = chain(entry.organization_id, expected, previous, entry.payload)
        intact = (entry.seq, entry.previous_hash, entry.hash) == (expected, previous, link)
        if not intact or canonical(_told(entry)) != entry.payload:
            return expected
        expected, previous = expected + 1, entry.hash
    organization_id = session.info["scope"].organization_id
    head = await session.get(AuditHead, organization_id)
    told = (0, GENESIS) if head is None else (head.seq, head.hash)
    return None if told == (expected - 1, previous) else expected


async def _entries(session: AsyncSession) -> AsyncIterator[AuditEntry]:
    page = sa.select(AuditEntry).order_by(AuditEntry.seq).limit(1000)
    found = (await session.scalars(page)).all()
    while found:
        for entry in found:
            yield entry
        after = found[-1].seq
        session.expunge_all()
        found = (await session.scalars(page.where(AuditEntry.seq > after))).all()


def _told(entry: AuditEntry) -> dict[str, Any]:
    return {name: _text(getattr(entry, name)) for name in _TOLD}


def _lock_head(connection: sa.Connection, organization_id: UUID) -> tuple[int, bytes]:
    """Take the row lock that orders the writers of this organization."""
    first = insert(AuditHead).values(organization_id=organization_id, seq=0, hash=GENESIS)
    locked = first.on_conflict_do_update(
        index_elements=["organization_id"], set_={"seq": AuditHead.seq}
    ).returning(AuditHead.seq, AuditHead.hash)
    seq, link = connection.execute(locked).one()
    return seq, link


def _of(rows: Any) -> Iterator[Record]:
    return (row for row in rows if isinstance(row, Record))


def _changes(row: Record) -> dict[str, Any]:
    """Map each changed column to its value before and after."""
    changes = {}
    state = sa.inspect(row)
    for attribute in state.mapper.column_attrs:
        history = state.attrs[attribute.key].history
        if attribute.key not in _UNTOLD and history.has_changes():
            before, after = (
                _text((side or [None])[0]) for side in (history.deleted, history.added)
            )
            if before != after:
                changes[attribute.key] = [before, after]
    return changes


def _text(value: Any) -> Any:
    """Give a value the one JSON form that is hashed and stored."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [_text(item) for item in value]
    if value is None or isinstance(value, bool | int | str | dict):
        return value
    if isinstance(value, UUID | date):
        return str(value)
    raise TypeError(f"the trail cannot tell {type(value).__name__}")
