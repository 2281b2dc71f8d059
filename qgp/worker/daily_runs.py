"""Days for which the daily jobs of each organization were done last."""

from collections.abc import Mapping
from datetime import date
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit.model import Owned
from qgp.kit.session import Database, Scope
from qgp.kit.work import Work


class DailyRun(Owned):
    """Day for which a daily job of an organization was done last."""

    __tablename__ = "daily_runs"
    job: Mapped[str] = mapped_column(primary_key=True)
    day: Mapped[date]


async def record_day(work: Work, job: str, day: date) -> bool:
    """Record a daily job as done for a day; return False if it was done for it before."""
    row = insert(DailyRun).values(organization_id=work.caller.organization_id, job=job, day=day)
    later = row.on_conflict_do_update(
        index_elements=[DailyRun.organization_id, DailyRun.job],
        set_={"day": day},
        where=DailyRun.day < row.excluded.day,
    )
    recorded = await work.session.scalar(later.returning(DailyRun.day))
    return recorded is not None


async def last_days(database: Database) -> Mapping[tuple[UUID, str], date]:
    """Return the last days by organization and job; for the worker."""
    statement = sa.select(DailyRun.organization_id, DailyRun.job, DailyRun.day)
    async with database.read(Scope()) as session:
        await session.execute(sa.select(sa.func.set_config("app.operator", "on", True)))
        rows = await session.execute(statement)
        return {(organization_id, job): day for organization_id, job, day in rows}
