"""Idempotency keys: the same key with the same input returns the first outcome, for 24 hours.

The key is written in the transaction of the change, so neither a key without its change nor a
repeated change can exist. That of a command travels with its commit (`keep`), since hardly any key
is repeated: a command that fails looks whether its key was used before (`once`).
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import audit, clock, ids
from qgp.kit.errors import IdempotencyKeyReused
from qgp.kit.indexes import index
from qgp.kit.lru_cache import LRUCache
from qgp.kit.model import Owned, Record
from qgp.kit.policy import Principal
from qgp.kit.precompiled import Call, Precompiled
from qgp.kit.work import Work

KEPT = timedelta(hours=24)
DELETION_INTERVAL = timedelta(hours=1)  # of a user's expired keys, in each process
_COUNT = 2**31 - 1


class IdempotencyKey(Owned):
    """Idempotency key of a user, with the record that its first use changed."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    record_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    __table_args__ = (index(None, "user_id", "created_at", serves="expired keys of a user"),)


@dataclass(frozen=True)
class BatchOutcome:
    """Outcome of a unit of work that changes several records; its id is stored with the key."""

    id: UUID = field(default_factory=ids.uuid7)

    @classmethod
    async def make(cls) -> "BatchOutcome":
        """Return a new outcome."""
        return cls()

    @classmethod
    def of(cls, first: int, second: int, third: int) -> "BatchOutcome":
        """Return an outcome whose id holds three counts below 2**31 (UUIDv8, RFC 9562)."""
        return cls(UUID(int=first << 80 | 8 << 76 | 2 << 62 | second << 31 | third))


def counts_in(id: UUID) -> tuple[int, int, int]:
    """Return the counts that the id of an outcome holds."""
    return id.int >> 80, id.int >> 31 & _COUNT, id.int & _COUNT


async def once(
    work: Work,
    key: str | None,
    fingerprint: str,
    act: Callable[[], Awaitable[Record | BatchOutcome]],
) -> UUID:
    """Act, or return the id of the record that the first use of the key changed.

    A use during the first one waits for it.

    Raises:
        IdempotencyKeyReused: the key was used with another input.
    """
    if key is None:
        return (await act()).id
    use = _use(work, key, fingerprint, None)
    connection = await work.session.connection()
    if not (await connection.run_sync(_TAKE.run, use)).rows:
        [first] = (await connection.run_sync(_FIRST.run, use)).rows
        return _outcome(*first, seal=use["fingerprint"])
    id = (await act()).id
    await connection.run_sync(_SET_RECORD.run, use | {"record_id": id})
    return id


def keep(work: Work, key: str, fingerprint: str, record_id: UUID) -> None:
    """Write a key with the trail of its unit of work, which fails if the key was used before.

    Once an hour the caller's expired keys are deleted.

    Raises:
        IntegrityError: at the commit: the key was used, or is being used.
    """
    use = _use(work, key, fingerprint, record_id)
    statements = [_KEEP]
    if _has_expired_keys(work.caller, use["created_at"]):
        statements.append(_DELETE_EXPIRED)
    for statement in statements:
        audit.write_beside(work.session.sync_session, Call(statement, use))


def _use(work: Work, key: str, fingerprint: str, record_id: UUID | None) -> dict[str, Any]:
    """Return the row of a key, and the instant from which on keys are kept."""
    at = clock.now()
    return {
        "organization_id": work.caller.organization_id,
        "user_id": work.caller.user_id,
        "key": key,
        "fingerprint": hashlib.sha256(fingerprint.encode()).digest(),
        "record_id": record_id,
        "created_at": at,
        "kept_since": at - KEPT,
    }


def _has_expired_keys(caller: Principal, at: datetime) -> bool:
    """Whether an hour has passed since this process deleted the caller's expired keys.

    To look for them doubles the price of the statement.
    """
    user = (caller.organization_id, caller.user_id)
    before = _DELETED_AT.get(user)
    if before is not None and before <= at < before + DELETION_INTERVAL:
        return False
    _DELETED_AT.put(user, at)
    return True


def _outcome(fingerprint: bytes, record_id: UUID | None, *, seal: bytes) -> UUID:
    if fingerprint != seal:
        message = "This idempotency key was used with another input. Send a new key."
        raise IdempotencyKeyReused(message, "idempotencyKey")
    assert record_id is not None, "a committed key has its record"
    return record_id


_KEYS = cast(sa.Table, IdempotencyKey.__table__)
_OF_CALLER = [_KEYS.c[name] == sa.bindparam(name) for name in ("organization_id", "user_id")]
_MINE = (*_OF_CALLER, _KEYS.c.key == sa.bindparam("key"))
_IS_OLD = _KEYS.c.created_at < sa.bindparam("kept_since")


def _taking() -> sa.Insert:
    """Take a key, unless it is taken and valid."""
    taken = insert(_KEYS).values({column: sa.bindparam(column.name) for column in _KEYS.columns})
    renewed = {name: taken.excluded[name] for name in ("fingerprint", "record_id", "created_at")}
    return taken.on_conflict_do_update(
        index_elements=_KEYS.primary_key.columns,
        set_=renewed,
        where=_IS_OLD,
    ).returning(_KEYS.c.key)


_TAKE = Precompiled(_taking())
_KEEP = Precompiled(sa.insert(_KEYS).values({one: sa.bindparam(one.name) for one in _KEYS.columns}))
_DELETE_EXPIRED = Precompiled(sa.delete(_KEYS).where(*_OF_CALLER, _IS_OLD))
_DELETED_AT: LRUCache[datetime] = LRUCache(10_000)  # by organization and user
_FIRST = Precompiled(sa.select(_KEYS.c.fingerprint, _KEYS.c.record_id).where(*_MINE))
_SET_RECORD = Precompiled(
    sa.update(_KEYS).where(*_MINE).values(record_id=sa.bindparam("record_id"))
)
