"""Idempotency keys: the same key with the same input returns the first outcome, for 24 hours.

The key is written in the transaction of the change, so neither a key without its change nor a
repeated change can exist.
"""

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import clock, ids
from qgp.kit.errors import IdempotencyKeyReused
from qgp.kit.indexes import index
from qgp.kit.lru_cache import LRUCache
from qgp.kit.model import Owned, Record
from qgp.kit.policy import Principal
from qgp.kit.precompiled import Precompiled
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
    *,
    record_id: UUID | None = None,
) -> UUID:
    """Act, or return the id of the record that the first use of the key changed.

    A use during the first one waits for it. The expected id is stored with the key, which takes no
    statement of its own.

    Args:
        record_id: the id that the outcome is expected to have; None for that of the first row that
            `Work.add` writes.

    Raises:
        IdempotencyKeyReused: the key was used with another input.
    """
    if key is None:
        return (await act()).id
    seal = hashlib.sha256(fingerprint.encode()).digest()
    key_of_caller = {"own": work.caller.organization_id, "who": work.caller.user_id, "what": key}
    connection = await work.session.connection()
    at = clock.now()
    expected = record_id or ids.uuid7()
    work.new_id = expected if record_id is None else None
    use = {"fingerprint": seal, "at": at, "kept_since": at - KEPT, "record": expected}
    taking = _statement_for(work.caller, at)
    if not (await connection.run_sync(taking.run, key_of_caller | use)).rows:
        [first] = (await connection.run_sync(_FIRST.run, key_of_caller)).rows
        return _outcome(*first, seal=seal)
    id = (await act()).id
    if id != expected:
        await connection.run_sync(_SET_RECORD.run, key_of_caller | {"record": id})
    return id


def _statement_for(caller: Principal, at: datetime) -> Precompiled:
    """Return the statement that takes a key, and once an hour deletes the caller's expired ones.

    To look for them doubles the price of the statement.
    """
    user = (caller.organization_id, caller.user_id)
    before = _DELETED_AT.get(user)
    if before is not None and before <= at < before + DELETION_INTERVAL:
        return _TAKE
    _DELETED_AT.put(user, at)
    return _TAKE_AND_DELETE


def _outcome(fingerprint: bytes, record_id: UUID | None, *, seal: bytes) -> UUID:
    if fingerprint != seal:
        message = "This idempotency key was used with another input. Send a new key."
        raise IdempotencyKeyReused(message, "idempotencyKey")
    assert record_id is not None, "a committed key has its record"
    return record_id


_KEYS = cast(sa.Table, IdempotencyKey.__table__)
_OF_CALLER = (
    _KEYS.c.organization_id == sa.bindparam("own"),
    _KEYS.c.user_id == sa.bindparam("who"),
)
_MINE = (*_OF_CALLER, _KEYS.c.key == sa.bindparam("what"))
_IS_OLD = _KEYS.c.created_at < sa.bindparam("kept_since")


def _taking() -> sa.Insert:
    """Take a key, unless it is taken and valid."""
    taken = insert(_KEYS).values(
        organization_id=sa.bindparam("own"),
        user_id=sa.bindparam("who"),
        key=sa.bindparam("what"),
        fingerprint=sa.bindparam("fingerprint"),
        record_id=sa.bindparam("record"),
        created_at=sa.bindparam("at"),
    )
    renewed = {name: taken.excluded[name] for name in ("fingerprint", "record_id", "created_at")}
    return taken.on_conflict_do_update(
        index_elements=_KEYS.primary_key.columns,
        set_=renewed,
        where=_IS_OLD,
    ).returning(_KEYS.c.key)


_OTHERS = sa.delete(_KEYS).where(*_OF_CALLER, _IS_OLD, _KEYS.c.key != sa.bindparam("what"))
_TAKE = Precompiled(_taking())
_TAKE_AND_DELETE = Precompiled(_taking().add_cte(_OTHERS.cte("expired")))
_DELETED_AT: LRUCache[datetime] = LRUCache(10_000)  # by organization and user
_FIRST = Precompiled(sa.select(_KEYS.c.fingerprint, _KEYS.c.record_id).where(*_MINE))
_SET_RECORD = Precompiled(sa.update(_KEYS).where(*_MINE).values(record_id=sa.bindparam("record")))
