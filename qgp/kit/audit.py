"""Audit trail: one entry per version of a record, chained by hash within the organization.

An entry is written in the transaction of the change that it records; deferred triggers refuse the
one without the other. `hash = SHA-256(tag ‖ organization ‖ seq ‖ previous hash ‖ payload)`, where
the payload is canonical JSON (RFC 8785), stored as hashed. In place of a redactable text the
payload holds a salted digest (`kit.redaction`). ISO 9001:2015, 7.5.3.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import audit_content, audit_notes, flush, outbox, redaction, reference_numbers
from qgp.kit.indexes import Serves, index
from qgp.kit.model import ANY_RECORD, Owned
from qgp.kit.precompiled import Call, Outcome, Precompiled, run_together

_TAG = b"qgp-audit-v1"
CONTENT_COLUMNS: Sequence[str] = (
    "at",
    "actor_id",
    "action",
    "entity",
    "entity_id",
    "entity_version",
    "changes",
    "reason",
    "request_id",
)
GENESIS = bytes(32)
HAS_EVENTS = "has_events"  # in the info of a session: whether its transaction wrote events
_DIALECT: sa.Dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
# The record whose history contains an entry, as PostgreSQL prints the index. Row security lets an
# index serve CASE, which is leakproof, but not COALESCE.
HISTORY_OF = """(
CASE
    WHEN part_of_id IS NULL THEN entity_id
    ELSE part_of_id
END)"""
_BESIDE = "beside_trail"  # key in the session's info
_BATCH = 200  # entries of one statement, whose time grows with their square


class AuditEntry(Owned):
    """Entry of the audit trail: the changes that led to one version of one record.

    Attributes:
        part_of_id: the record whose history contains the entry, where that is another one
            (`Record.part_of`). It follows from the record's content and is not hashed.
    """

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
    part_of_id: Mapped[UUID | None] = mapped_column(info={ANY_RECORD: True})
    __table_args__ = (
        sa.UniqueConstraint("organization_id", "entity", "entity_id", "entity_version"),
        index(None, "at", serves=[Serves.FILTER, Serves.ORDER]),
        index("ix_audit_entries_history", sa.text(HISTORY_OF), "seq", serves="history of a record"),
    )


class AuditHead(Owned):
    """Sequence number and hash of an organization's last entry; locked last before a commit.

    Attributes:
        outbox_position: position of the organization's last event (`kit.outbox`).
    """

    __tablename__ = "audit_heads"
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[bytes]
    outbox_position: Mapped[int] = mapped_column(sa.BigInteger, server_default=sa.text("0"))


def write_beside(session: orm.Session, call: Call) -> None:
    """Let a statement that returns nothing travel with the entries of this transaction.

    Args:
        session: of the transaction.
        call: may wait for no lock of a transaction that appends to the trail.
    """
    session.info.setdefault(_BESIDE, []).append(call)


def append(session: orm.Session) -> None:
    """Append the notes of this transaction in order; the head stays locked until it ends."""
    audit_notes.seal(session)
    payloads, events = session.info.pop("payloads", []), session.info.pop(audit_notes.EVENTS, [])
    if not payloads and not events:
        _run_beside(session)
        return
    if len(payloads) > _BATCH:
        flush.write_staged(session)  # a reference is known to its own statement alone
    writes = flush.take_numbered(session)
    row = writes[-1].numbered if writes else None
    redaction.keep_texts(session)
    beside = [*session.info.pop(_BESIDE, []), *flush.calls_of(writes)]
    session.info[HAS_EVENTS] = bool(events) or session.info.get(HAS_EVENTS, False)
    for start in range(0, len(payloads) or 1, _BATCH):
        appending = _appending_call(session, payloads[start : start + _BATCH], events, row)
        outcome = _append_with(session, beside, appending)
        if row is not None:
            reference_numbers.set_reference(row, outcome.rows[0][0])
        beside, events = [], []


def _run_beside(session: orm.Session) -> None:
    """Run what would have travelled with entries."""
    flush.write_staged(session)
    for call in session.info.pop(_BESIDE, []):
        call.statement.run(session.connection(), call.parameters)


def _append_with(session: orm.Session, beside: Sequence[Call], appending: Call) -> Outcome:
    """Append entries with what travels with them; the first of an organization makes its head.

    That one is of the organization itself, so that no reference is taken with it.
    """
    connection = session.connection()
    outcome = run_together(connection, [*beside, appending])
    if outcome.affected == 0:
        _CREATE_HEAD.run(connection, appending.parameters)
        outcome = appending.statement.run(connection, appending.parameters)
    return outcome


def _appending_call(
    session: orm.Session,
    payloads: Sequence[tuple[str, UUID | None]],
    events: Sequence[str],
    row: Any,
) -> Call:
    """Return the statement that appends entries and events, with its parameters.

    Args:
        session: of the transaction.
        payloads: of the entries, each with its `part_of_id`.
        events: as JSON texts.
        row: takes its reference in the same statement; None where none does.
    """
    texts = reference_numbers.with_taken(session, [text for text, _ in payloads])
    owners = [owner for _, owner in payloads]
    events = reference_numbers.with_taken(session, events)
    parameters: dict[str, Any] = {
        "organization_id": session.info["scope"].organization_id,
        "events": f"[{','.join(events)}]",
        "provisional": None if row is None else reference_numbers.provisional(row.id),
    }
    is_one = len(texts) == 1
    if is_one:  # the driver takes longer for an array of one value than for the value
        parameters |= {"payload": texts[0], "owner": owners[0]}
    else:
        parameters |= {"payloads": texts, "owners": owners}
    return Call(_appending(is_one=is_one, is_numbered=row is not None), parameters)


def entry_hash(organization_id: UUID, seq: int, previous: bytes, payload: str) -> bytes:
    """Return the hash of an entry (32 bytes), which covers the hash of the entry before it."""
    number = seq.to_bytes(8, "big")
    content = _TAG + organization_id.bytes + number + previous + payload.encode()
    return hashlib.sha256(content).digest()


def entry_content(entry: Any) -> dict[str, Any]:
    """Return the content of an entry's columns in the form that is hashed."""
    return {name: audit_content.json_form(getattr(entry, name)) for name in CONTENT_COLUMNS}


_APPEND_SQL = """
WITH RECURSIVE head AS (
  SELECT
    organization_id, seq, hash,
    {payloads} AS payloads, {owners} AS owners,
    outbox_position
  FROM audit_heads
  WHERE organization_id = CAST(:organization_id AS uuid) {order}
  FOR UPDATE
), link (organization_id, place, seq, payload, part_of_id, previous_hash, hash) AS (
  SELECT
    organization_id, 0, seq, CAST(NULL AS text), CAST(NULL AS uuid), CAST(NULL AS bytea), hash
  FROM head
UNION ALL
  SELECT
    link.organization_id, link.place + 1, link.seq + 1,
    head.payloads[link.place + 1], head.owners[link.place + 1], link.hash,
    sha256(
      CAST('{tag}' AS bytea)
      || uuid_send(link.organization_id)
      || int8send(link.seq + 1)
      || link.hash
      || convert_to(head.payloads[link.place + 1], 'UTF8')
    )
  FROM link JOIN head ON link.place < cardinality(head.payloads)
), entries AS (
  INSERT INTO audit_entries
    (organization_id, seq, payload, part_of_id, previous_hash, hash, {columns})
  SELECT
    link.organization_id, link.seq, link.payload, link.part_of_id, link.previous_hash, link.hash,
    {values}
  FROM link
  CROSS JOIN LATERAL jsonb_to_record(CAST(link.payload AS jsonb)) AS content ({types})
  WHERE link.place > 0
), events AS (
  INSERT INTO outbox_events (organization_id, position, recorded_at, {event_columns})
  SELECT
    head.organization_id, head.outbox_position + event.place, clock_timestamp(), {event_columns}
  FROM head CROSS JOIN LATERAL ROWS FROM (
    jsonb_to_recordset(CAST({events} AS jsonb)) AS ({event_types})
  ) WITH ORDINALITY AS event ({event_columns}, place)
)
UPDATE audit_heads
SET
  seq = last.seq, hash = last.hash,
  outbox_position = outbox_position + jsonb_array_length(CAST(:events AS jsonb))
FROM (SELECT * FROM link ORDER BY place DESC LIMIT 1) AS last
WHERE audit_heads.organization_id = last.organization_id
{returning}"""


@cache
def _appending(*, is_one: bool, is_numbered: bool) -> Precompiled:
    """Return the statement that locks the head and writes entries, events and head.

    One statement, so that the head is locked for one round trip before the commit. The database
    seals and Python verifies (`entry_hash`): neither has to trust the other's arithmetic.

    `link` is the chain from the head on: place 0 is the last entry so far, place n the n-th
    payload. The columns of an entry are read from the payload that was hashed.

    Args:
        is_one: whether its parameters are of one entry.
        is_numbered: whether it travels with `reference_numbers.counter_of`, whose reference takes
            the place of the provisional one. The counter is locked before the head, as by any
            other transaction that writes both.
    """
    columns = {name: AuditEntry.__table__.c[name].type for name in CONTENT_COLUMNS}
    types = [f"{name} {kind.compile(_DIALECT)}" for name, kind in columns.items()]
    event_columns, event_types = outbox.record_columns()
    final = _FINAL if is_numbered else "{}"
    payloads = "CAST(:payloads AS text[])"
    if is_one:
        payloads = f"ARRAY[{final.format('CAST(:payload AS text)')}]"
    elif is_numbered:
        payloads = _EACH.format(final.format("payload"))
    statement = _APPEND_SQL.format(
        tag=_TAG.decode(),
        payloads=payloads,
        owners="ARRAY[CAST(:owner AS uuid)]" if is_one else "CAST(:owners AS uuid[])",
        events=final.format("CAST(:events AS text)"),
        order="AND EXISTS (SELECT FROM counter)" if is_numbered else "",
        returning=f"RETURNING {reference_numbers.COUNTED}" if is_numbered else "",
        columns=", ".join(columns),
        values=", ".join(f"content.{name}" for name in columns),
        types=", ".join(types),
        event_columns=event_columns,
        event_types=event_types,
    )
    return Precompiled(sa.text(statement))


_FINAL = f"replace({{}}, CAST(:provisional AS text), {reference_numbers.COUNTED})"
_EACH = """ARRAY(
  SELECT {} FROM unnest(CAST(:payloads AS text[])) WITH ORDINALITY AS each (payload, place)
  ORDER BY place
)"""
_CREATE_HEAD = Precompiled(
    postgresql.insert(AuditHead)
    .values(organization_id=sa.bindparam("organization_id"), seq=0, hash=GENESIS)
    .on_conflict_do_nothing()
)
