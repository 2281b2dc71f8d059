"""Audit trail: one entry per version of a record, chained by hash within the organization.

An entry is written in the transaction of the change that it records; deferred triggers refuse the
one without the other. `hash = SHA-256(tag ‖ organization ‖ seq ‖ previous hash ‖ payload)`, where
the payload is canonical JSON (RFC 8785), stored as hashed. In place of a redactable text the
payload holds a salted digest (`kit.redaction`). ISO 9001:2015, 7.5.3.
"""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import audit_content, audit_notes, outbox, redaction
from qgp.kit.indexes import Serves, index
from qgp.kit.model import ANY_RECORD, Owned
from qgp.kit.precompiled import Call, Precompiled, run_together

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
    beside: list[Call] = session.info.pop(_BESIDE, [])
    if not payloads and not events:
        for call in beside:
            call.statement.run(session.connection(), call.parameters)
        return
    redaction.keep_texts(session)
    organization_id, connection = session.info["scope"].organization_id, session.connection()
    for start in range(0, len(payloads) or 1, _BATCH):
        batch = payloads[start : start + _BATCH]
        entries, statement = _entries(batch)
        shared = {"organization_id": organization_id, "events": f"[{','.join(events)}]"}
        parameters = {**shared, **entries}
        session.info[HAS_EVENTS] = bool(events) or session.info.get(HAS_EVENTS, False)
        events = []
        calls, beside = [*beside, Call(statement, parameters)], []
        if run_together(connection, calls).affected == 0:
            _CREATE_HEAD.run(connection, parameters)
            statement.run(connection, parameters)


def _entries(
    batch: Sequence[tuple[str, UUID | None]],
) -> tuple[Mapping[str, Any], Precompiled]:
    """Return the parameters of entries, and the statement that appends them."""
    if len(batch) == 1:
        [(payload, owner)] = batch
        return {"payload": payload, "owner": owner}, _APPEND_ONE
    payloads, owners = [text for text, _ in batch], [owner for _, owner in batch]
    return {"payloads": payloads, "owners": owners}, _APPEND


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
  WHERE organization_id = CAST(:organization_id AS uuid)
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
    jsonb_to_recordset(CAST(:events AS jsonb)) AS ({event_types})
  ) WITH ORDINALITY AS event ({event_columns}, place)
)
UPDATE audit_heads
SET
  seq = last.seq, hash = last.hash,
  outbox_position = outbox_position + jsonb_array_length(CAST(:events AS jsonb))
FROM (SELECT * FROM link ORDER BY place DESC LIMIT 1) AS last
WHERE audit_heads.organization_id = last.organization_id
"""


def _append_statement(payloads: str, owners: str) -> sa.TextClause:
    """Return the statement that locks the head and writes entries, events and head.

    One statement, so that the head is locked for one round trip before the commit. The database
    seals and Python verifies (`entry_hash`): neither has to trust the other's arithmetic.

    `link` is the chain from the head on: place 0 is the last entry so far, place n the n-th
    payload. The columns of an entry are read from the payload that was hashed.

    Args:
        payloads: SQL for the array of them; `owners` for that of their `part_of_id`.
    """
    columns = {name: AuditEntry.__table__.c[name].type for name in CONTENT_COLUMNS}
    types = [f"{name} {kind.compile(_DIALECT)}" for name, kind in columns.items()]
    event_columns, event_types = outbox.record_columns()
    statement = _APPEND_SQL.format(
        tag=_TAG.decode(),
        payloads=payloads,
        owners=owners,
        columns=", ".join(columns),
        values=", ".join(f"content.{name}" for name in columns),
        types=", ".join(types),
        event_columns=event_columns,
        event_types=event_types,
    )
    return sa.text(statement)


_APPEND = Precompiled(_append_statement("CAST(:payloads AS text[])", "CAST(:owners AS uuid[])"))
# The driver takes longer for an array of one value than for the value.
_APPEND_ONE = Precompiled(
    _append_statement("ARRAY[CAST(:payload AS text)]", "ARRAY[CAST(:owner AS uuid)]")
)
_CREATE_HEAD = Precompiled(
    postgresql.insert(AuditHead)
    .values(organization_id=sa.bindparam("organization_id"), seq=0, hash=GENESIS)
    .on_conflict_do_nothing()
)
