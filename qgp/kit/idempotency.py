"""Idempotency keys: the same key with the same input returns the first outcome, for 24 hours.

The key is written in the transaction of the change, so a key without its change, or a change done
twice, cannot be.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import clock
from qgp.kit.context import Work
from qgp.kit.errors import IdempotencyKeyReused
from qgp.kit.model import Owned, Record

KEPT = timedelta(hours=24)


class IdempotencyKey(Owned):
    """What a user's key led to."""

    __tablename__ = "idempotency_keys"
    user_id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    fingerprint: Mapped[bytes]
    record_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


async def once(
    work: Work, key: str | None, fingerprint: str, act: Callable[[], Awaitable[Record]]
) -> UUID:
    """Act, or return the id of the record that the first use of the key left behind.

    A second use that comes while the first is under way waits for it.

    Raises:
        IdempotencyKeyReused: the key came before with another input.
    """
    if key is None:
        return (await act()).id
    seal = hashlib.sha256(fingerprint.encode()).digest()
    mine = _mine(work, key)
    old = (IdempotencyKey.user_id == work.caller.user_id, IdempotencyKey.created_at < _kept_since())
    await work.session.execute(sa.delete(IdempotencyKey).where(*old))
    taken = insert(IdempotencyKey).values(
        organization_id=work.caller.organization_id,
        user_id=work.caller.user_id,
        key=key,
        fingerprint=seal,
        created_at=clock.now(),
    )
    fresh = taken.on_conflict_do_nothing().returning(IdempotencyKey.key)
    if (await work.session.execute(fresh)).first() is None:
        return await _outcome(work, mine, seal)
    id = (await act()).id
    await work.session.execute(sa.update(IdempotencyKey).where(*mine).values(record_id=id))
    return id


def _kept_since() -> datetime:
    return clock.now() - KEPT


def _mine(work: Work, key: str) -> list[sa.ColumnElement[bool]]:
    return [IdempotencyKey.user_id == work.caller.user_id, IdempotencyKey.key == key]


async def _outcome(work: Work, mine: list[sa.ColumnElement[bool]], seal: bytes) -> UUID:
    first = (await work.rows(sa.select(IdempotencyKey).where(*mine)))[0]
    if first.fingerprint != seal:
        message = "This idempotency key was used with another input. Use a new key."
        raise IdempotencyKeyReused(message, "idempotencyKey")
    assert first.record_id is not None, "a committed key has its record"
    return UUID(str(first.record_id))
