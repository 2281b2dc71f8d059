"""Positions in the outbox: how far each consumer of events has come in each organization."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.audit import AuditHead
from qgp.kit.model import Owned
from qgp.kit.session import Database, Scope
from qgp.kit.work import Work


class OutboxCursor(Owned):
    """Position up to which a consumer has worked through an organization's events."""

    __tablename__ = "outbox_cursors"
    consumer: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(sa.BigInteger)


async def lock_position(work: Work, consumer: str) -> int:
    """Return a consumer's position in the organization, locked until the end; 0 at first."""
    key = {"organization_id": work.caller.organization_id, "consumer": consumer}
    first = insert(OutboxCursor).values(**key, position=0).on_conflict_do_nothing()
    await work.session.execute(first)
    statement = sa.select(OutboxCursor.position).where(OutboxCursor.consumer == consumer)
    position: int = (await work.session.scalars(statement.with_for_update())).one()
    return position


async def set_position(work: Work, consumer: str, position: int) -> None:
    """Record how far a consumer has come."""
    statement = sa.update(OutboxCursor).where(OutboxCursor.consumer == consumer)
    await work.session.execute(statement.values(position=position))


async def behind(database: Database, consumers: Sequence[str]) -> Sequence[tuple[UUID, str]]:
    """Return the organizations in which consumers have not read all events; for the worker."""
    names = sa.func.unnest(sa.literal([*consumers], sa.ARRAY(sa.Text))).table_valued("name")
    is_cursor = (OutboxCursor.organization_id == AuditHead.organization_id) & (
        OutboxCursor.consumer == names.c.name
    )
    statement = (
        sa.select(AuditHead.organization_id, names.c.name)
        .join(names, sa.true())
        .outerjoin(OutboxCursor, is_cursor)
        .where(AuditHead.outbox_position > sa.func.coalesce(OutboxCursor.position, 0))
    )
    async with database.read(Scope()) as session:
        await session.execute(sa.select(sa.func.set_config("app.operator", "on", True)))
        return [(id, name) for id, name in await session.execute(statement)]
