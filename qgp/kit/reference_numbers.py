"""Reference numbers (`CAPA-2026-0001`), gapless per organization, prefix and year."""

from collections.abc import Sequence
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy import orm
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from qgp.kit import clock
from qgp.kit.model import Owned, unique
from qgp.kit.precompiled import Precompiled
from qgp.kit.text_keys import sortable


class Numbered:
    """Mixin of rows that take the next reference of their prefix when they are first written."""

    reference_prefix: ClassVar[str]
    reference: Mapped[str] = sortable(sort_order=-8)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if isinstance(table := cls.__dict__.get("__table__"), sa.Table):
            table.append_constraint(unique("reference"))

    @property
    def series(self) -> str:
        """The prefix of this row's reference; a model may distinguish kinds of rows."""
        return self.reference_prefix


class Counter(Owned):
    """Last number of a prefix and year; its row lock serializes writers."""

    __tablename__ = "reference_counters"
    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    taken: Mapped[int]


def number(session: orm.Session, rows: Sequence[object]) -> None:
    """Assign a reference to each new numbered row."""
    for row in rows:
        if isinstance(row, Numbered) and row.reference is None:
            row.reference = _next(session, row.series)


async def take(session: AsyncSession, prefix: str) -> str:
    """Return the next reference of a prefix, for a record that has one already."""
    return await session.run_sync(_next, prefix)


def rehearse(session: AsyncSession) -> None:
    """Assign provisional numbers in a transaction that will be rolled back; lock no counter."""
    session.info["is_rehearsal"] = True


def hold(session: AsyncSession) -> None:
    """Count in memory from the first number of each prefix on; `settle` writes the last ones.

    The counter stays locked in any case.
    """
    session.info["held"] = {}


async def settle(session: AsyncSession) -> None:
    """Write the last number of each prefix that `hold` has counted."""
    organization_id = session.info["scope"].organization_id
    for (prefix, year), taken in session.info.pop("held", {}).items():
        counter = sa.update(Counter).where(
            Counter.organization_id == organization_id,
            Counter.prefix == prefix,
            Counter.year == year,
        )
        await session.execute(counter.values(taken=taken))


def _next(session: orm.Session, prefix: str) -> str:
    year = clock.now().year
    if session.info.get("is_rehearsal"):
        taken = session.info["rehearsed"] = session.info.get("rehearsed", 0) + 1
        return f"{prefix}-{year}-#{taken}"
    held = session.info.get("held")
    if held is not None and (prefix, year) in held:
        held[prefix, year] += 1
        return f"{prefix}-{year}-{held[prefix, year]:04d}"
    key = {"own": session.info["scope"].organization_id, "what": prefix, "when": year}
    taken = _TAKE.run(session.connection(), key).scalar_one()
    if held is not None:
        held[prefix, year] = taken
    return f"{prefix}-{year}-{taken:04d}"


def _taking() -> sa.ClauseElement:
    """Take the next number, which is 1 for the first."""
    mine = {"organization_id": "own", "prefix": "what", "year": "when"}
    named: dict[str, Any] = {column: sa.bindparam(name) for column, name in mine.items()}
    return (
        insert(Counter)
        .values(**named, taken=1)
        .on_conflict_do_update(index_elements=list(mine), set_={"taken": Counter.taken + 1})
        .returning(Counter.taken)
    )


_TAKE = Precompiled(_taking())
