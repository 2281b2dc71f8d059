"""Security log of an organization: denied commands and failed signatures.

An event has a transaction of its own, so that it survives the rollback of the refused command. It
is no entry of the audit trail, since nothing was changed. For one user, command and reason there is
one event an hour, with a count, so that repeated attempts do not fill the log.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import clock, ids
from qgp.kit.context import Context
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import (
    DomainError,
    Forbidden,
    InvalidCredentials,
    RateLimited,
    TransitionNotAllowed,
)
from qgp.kit.indexes import Serves, index
from qgp.kit.model import Owned
from qgp.kit.precompiled import Precompiled

SHORTEST_RETENTION = timedelta(days=30)  # the database removes nothing younger
MESSAGE_CHARACTERS = 1_000


class SecurityEventKind(DescribedEnum):
    """Kind of an event in the security log."""

    COMMAND_DENIED = (
        "COMMAND_DENIED",
        "A mutation was refused because of the user's role, or because of segregation of duties.",
    )
    SIGNATURE_FAILED = (
        "SIGNATURE_FAILED",
        "The proof of an electronic signature was wrong, or there were too many attempts.",
    )


class SecurityEvent(Owned):
    """Refusals of one kind of one user's command within an hour.

    Attributes:
        code: the `ErrorCode` of the refusals.
        reason: message of the first refusal.
        record_id: public id of the record that the first command named, or None.
        hour: beginning of the hour.
        occurrences: number of refusals.
    """

    __tablename__ = "security_events"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[SecurityEventKind]
    actor_id: Mapped[UUID] = mapped_column(info={"ref": "users"})
    action: Mapped[str]
    code: Mapped[str]
    reason: Mapped[str]
    record_id: Mapped[str | None]
    request_id: Mapped[str | None]
    hour: Mapped[datetime]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    occurrences: Mapped[int]
    __table_args__ = (
        sa.UniqueConstraint(
            "organization_id",
            "actor_id",
            "action",
            "kind",
            "code",
            "hour",
            name="uq_security_events_of_hour",
        ),
        index("ix_security_events_first_at", "first_at", "id", serves=Serves.ORDER),
    )


async def log_refusal(
    context: Context, action: str, error: DomainError, record_id: str | None = None
) -> None:
    """Log a refusal that concerns permissions or signatures; ignore others.

    Args:
        context: of the caller; its transaction is closed.
        action: the mutation's field name.
        error: the refusal.
        record_id: public id of the record that the caller named.
    """
    kind = _kind_of(error)
    if kind is None:
        return
    await context.close()
    at = clock.now()
    event = {
        "organization_id": context.caller.organization_id,
        "id": ids.uuid7(),
        "kind": kind.value,
        "actor_id": context.caller.user_id,
        "action": action,
        "code": error.code.value,
        "reason": error.message[:MESSAGE_CHARACTERS],
        "record_id": record_id,
        "request_id": context.request_id,
        "hour": at.replace(minute=0, second=0, microsecond=0),
        "at": at,
    }
    async with context.database.write(replace(context.scope, action=action)) as session:
        await (await session.connection()).run_sync(_WRITE.run, event)


async def expire(session: AsyncSession, retention: timedelta) -> int:
    """Delete the organization's events that are older than the retention; return their number.

    Args:
        retention: at least 30 days.
    """
    is_old = _EVENTS.c.last_at < clock.now() - retention
    connection = await session.connection()
    return (await connection.execute(sa.delete(_EVENTS).where(is_old))).rowcount


def _kind_of(error: DomainError) -> SecurityEventKind | None:
    match error:
        case InvalidCredentials() | RateLimited():
            return SecurityEventKind.SIGNATURE_FAILED
        case Forbidden():
            return SecurityEventKind.COMMAND_DENIED
        case TransitionNotAllowed(blockers=blockers) if any(one.is_denial for one in blockers):
            return SecurityEventKind.COMMAND_DENIED
    return None


_EVENTS = cast(sa.Table, SecurityEvent.__table__)


def _writing() -> sa.Insert:
    """Insert an event, or count one more of the same hour."""
    values: dict[str, Any] = {column.name: sa.bindparam(column.name) for column in _EVENTS.columns}
    values |= {"first_at": sa.bindparam("at"), "last_at": sa.bindparam("at"), "occurrences": 1}
    added = insert(_EVENTS).values(values)
    return added.on_conflict_do_update(
        constraint="uq_security_events_of_hour",
        set_={
            "occurrences": _EVENTS.c.occurrences + 1,
            "last_at": sa.func.greatest(_EVENTS.c.last_at, added.excluded.last_at),
        },
    )


_WRITE = Precompiled(_writing())
