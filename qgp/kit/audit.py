"""The trail: who changed what, when and why, chained by hash inside each organization.

An entry is written in the transaction of the change it tells of; deferred triggers refuse the one
without the other. `hash = SHA-256(tag ‖ organization ‖ seq ‖ previous hash ‖ payload)`, where the
payload is canonical JSON (RFC 8785) and is stored as hashed. Of a text that can be redacted the
payload holds a salted digest (`kit.redaction`). ISO 9001:2015, 7.5.3.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import clock, redaction
from qgp.kit.decimals import plain
from qgp.kit.model import ANY_RECORD, Owned, Record
from qgp.kit.precompiled import Precompiled
from qgp.kit.text_keys import DERIVED

_TAG = b"qgp-audit-v1"
STAMPS = {"version", "created_at", "created_by_id", "updated_at", "updated_by_id"}
TOLD: tuple[str, ...] = ("at", "actor_id", "action", "entity", "entity_id", "entity_version")
TOLD += ("changes", "reason", "request_id")
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
GENESIS = bytes(32)
_AT_ONCE = 200  # entries of one statement, whose time grows with the square of them


class AuditEntry(Owned):
    """One version of one record: what changed from the version before."""

    __tablename__ = "audit_entries"
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(info={"ref": "users"})
    action: Mapped[str]
    entity: Mapped[str]
    entity_id: Mapped[UUID] = mapped_column(info={ANY_RECORD: True})
    entity_version: Mapped[int]
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str | None]
    request_id: Mapped[str | None]
    payload: Mapped[str]
    previous_hash: Mapped[bytes]
    hash: Mapped[bytes]
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "entity", "entity_id", "entity_version"),
        sa.Index(None, "organization_id", "at"),
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


def note(
    session: orm.Session,
    new: Sequence[Record],
    changed: Sequence[Record],
    deleted: Sequence[Record],
) -> None:
    """Write down what this flush is about to change."""
    notes = session.info.setdefault("notes", [])
    notes.extend(_note(session, row, 1, _values(row)) for row in new)
    notes.extend(_note(session, row, row.version + 1, _changes(row)) for row in changed)
    notes.extend(
        _note(session, row, row.version + 1, {"deleted": [False, True]}) for row in deleted
    )


def _note(session: orm.Session, row: Record, version: int, changes: dict[str, Any]) -> Note:
    """Make the note of one change, with digests in the place of what can be redacted."""
    redacted = session.info.get("redactions", {}).pop(row, ())
    if redacted:
        redaction.remove_texts(session, row, redacted)
    if texts := redaction.seal_texts(row, version, changes, redacted):
        session.info.setdefault("texts", []).extend(texts)
    return Note(row.__tablename__, row.id, version, changes)


def seal_audit_notes(session: orm.Session) -> None:
    """Say when, by whom and why the changes noted so far were made; those to come may differ."""
    notes: list[Note] = session.info.pop("notes", [])
    reason = session.info.pop("reason", None)
    if not notes:
        return
    scope = session.info["scope"]
    shared = {
        "at": _text(clock.now()),
        "actor_id": _text(scope.actor_id),
        "action": scope.action,
        "reason": reason,
        "request_id": scope.request_id,
    }
    payloads = session.info.setdefault("payloads", [])
    payloads.extend(canonical(shared | _told_of(found)) for found in notes)


def append(session: orm.Session) -> None:
    """Chain the notes of this transaction, in order; the head stays locked until it ends."""
    seal_audit_notes(session)
    payloads = session.info.pop("payloads", [])
    if not payloads:
        return
    redaction.keep_texts(session)
    own, connection = session.info["scope"].organization_id, session.connection()
    for start in range(0, len(payloads), _AT_ONCE):
        given = {"own": own, "payloads": payloads[start : start + _AT_ONCE]}
        if _APPEND.run(connection, given).rowcount == 0:
            _BEGIN.run(connection, given)
            _APPEND.run(connection, given)


def chain(organization_id: UUID, seq: int, previous: bytes, payload: str) -> bytes:
    """Return the 32 bytes that seal one entry to all before it."""
    place = organization_id.bytes + seq.to_bytes(8, "big")
    return hashlib.sha256(_TAG + place + previous + payload.encode()).digest()


def canonical(value: Any) -> str:
    """Return RFC 8785 JSON for what an entry may hold: text, integers, booleans, null, nested."""
    return _CANONICAL.encode(value)


def entry_content(entry: Any) -> dict[str, Any]:
    """Return what an entry tells in its columns, in the form that is hashed."""
    return {name: _text(getattr(entry, name)) for name in TOLD}


def _told_of(found: Note) -> dict[str, Any]:
    return {
        "entity": found.entity,
        "entity_id": _text(found.entity_id),
        "entity_version": found.entity_version,
        "changes": found.changes,
    }


def _values(row: Record) -> dict[str, Any]:
    """Map each column of a new row that has a value to nothing before and the value after."""
    return {name: [None, value] for name, value in content(row).items()}


def content(row: Record) -> dict[str, Any]:
    """Return what the trail tells of a row as it stands: each column that has a value."""
    given = sa.inspect(row).dict
    told = ((name, _text(given.get(name))) for name in _columns(type(row)))
    return {name: value for name, value in told if value is not None}


def _changes(row: Record) -> dict[str, Any]:
    """Map each changed column to its value before and after."""
    changes = {}
    state = sa.inspect(row)
    for name in _columns(type(row)):
        history = state.attrs[name].history
        if history.has_changes():
            before, after = (
                _text((side or [None])[0]) for side in (history.deleted, history.added)
            )
            if before != after:
                changes[name] = [before, after]
    return changes


@cache
def _columns(kind: type[Record]) -> Sequence[str]:
    """Return the names of what the trail tells of a kind of record."""
    columns = [(told.key, told.columns[0]) for told in sa.inspect(kind).column_attrs]
    derived = (name for name, own in columns if own.computed is not None or own.info.get(DERIVED))
    left_out = STAMPS.union(derived)
    return [name for name, _ in columns if name not in left_out]


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
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"the trail cannot tell {type(value).__name__}")


def _appending() -> sa.Update:
    """Lock the head, seal each payload to the one before it, write the entries and the head.

    One statement, so that the head is locked for one round trip before the commit. The database
    seals and Python verifies: neither has to trust the other's arithmetic.
    """
    payloads = sa.bindparam("payloads", type_=sa.ARRAY(sa.Text)).label("payloads")
    locked = sa.select(AuditHead.organization_id, AuditHead.seq, AuditHead.hash, payloads)
    own = AuditHead.organization_id == sa.bindparam("own")
    link = _links(locked.where(own).with_for_update().cte("head"))
    last = sa.select(link).order_by(link.c.place.desc()).limit(1).subquery("last")
    change = sa.update(AuditHead).where(AuditHead.organization_id == last.c.organization_id)
    return change.values(seq=last.c.seq, hash=last.c.hash).add_cte(_entering(link))


def _links(head: sa.CTE) -> sa.CTE:
    """Return the chain from the head on: place 0 is what was last, payloads count from 1."""
    no_text = sa.null().cast(sa.Text).label("payload")
    no_hash = sa.null().cast(sa.LargeBinary).label("previous_hash")
    at_head = (head.c.organization_id, sa.literal(0).label("place"), head.c.seq)
    link = sa.select(*at_head, no_text, no_hash, head.c.hash).cte("link", recursive=True)
    owner, place, seq = link.c.organization_id, link.c.place + 1, link.c.seq + 1
    payload = head.c.payloads[place]
    sealed: sa.ColumnElement[bytes] = sa.literal(_TAG, sa.LargeBinary)
    for part in (sa.func.uuid_send(owner), sa.func.int8send(seq), link.c.hash):
        sealed = sealed.concat(part)
    seal = sa.func.sha256(sealed.concat(sa.func.convert_to(payload, "UTF8")))
    step = sa.select(owner, place, seq, payload, link.c.hash, seal)
    return link.union_all(
        step.join_from(link, head, link.c.place < sa.func.cardinality(head.c.payloads))
    )


def _entering(link: sa.CTE) -> sa.CTE:
    """Write the entries; what they tell is read from what was hashed."""
    kinds = [sa.column(name, AuditEntry.__table__.c[name].type) for name in TOLD]
    record = sa.func.jsonb_to_record(link.c.payload.cast(JSONB)).table_valued(*kinds)
    told = record.render_derived("told", with_types=True)
    place = [link.c[name] for name in ("organization_id", "seq")]
    proof = [link.c[name] for name in ("payload", "previous_hash", "hash")]
    rows = sa.select(*place, *told.c, *proof).join_from(link, told, sa.true())
    columns = [column.key for column in (*place, *told.c, *proof)]
    return sa.insert(AuditEntry).from_select(columns, rows.where(link.c.place > 0)).cte("entered")


_APPEND = Precompiled(_appending())
_BEGIN = Precompiled(
    insert(AuditHead)
    .values(organization_id=sa.bindparam("own"), seq=0, hash=GENESIS)
    .on_conflict_do_nothing()
)
