"""Commands on audit programmes: what they say, and how they move (ISO 9001:2015, 9.2.2)."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.errors import Forbidden, Invalid, Required
from qgp.kit.links import Links
from qgp.kit.work import Work
from qgp.programmes.model import (
    AuditProgramme,
    AuditProgrammeStandard,
    AuditProgrammeStatus,
    ProgrammeItem,
)
from qgp.programmes.policy import is_own

_STANDARDS = Links(AuditProgrammeStandard, "programme_id", "standard_id", 50, "standardIds")


async def create(work: Work, *, standard_ids: Sequence[UUID], **values: Any) -> AuditProgramme:
    """Draft a programme.

    Raises:
        Invalid: the period ends before it starts, or a standard is named twice.
        NotFound: it points at something that is not there.
    """
    programme = await work.add(AuditProgramme(status=AuditProgrammeStatus.DRAFT, **values))
    await _STANDARDS.rewrite(work, programme.id, standard_ids)
    return programme


async def change(
    work: Work, *, id: UUID, expected_version: int, reason: str | None = None, **changes: Any
) -> AuditProgramme:
    """Change what a programme says.

    Raises:
        Invalid: see `adjustable`; the period ends before it starts or leaves an item out, or a
            standard is named twice.
        Forbidden: it is somebody else's.
        NotFound: it points at something that is not there.
    """
    programme = await adjustable(work, id, reason, expected_version=expected_version)
    standards = changes.pop("standard_ids", None)
    period = programme.period_start_on, programme.period_end_on
    if standards is not None and await _STANDARDS.rewrite(work, programme.id, standards):
        changes["updated_at"] = clock.now()  # the version counts changes of the links too
    await work.change(programme, changes)
    if (programme.period_start_on, programme.period_end_on) != period:
        await _keep_items_in(work, programme)
    return programme


async def adjustable(
    work: Work,
    id: UUID,
    reason: str | None,
    *,
    expected_version: int | None = None,
    path: str = "id",
) -> AuditProgramme:
    """Return a programme that the caller may change now, locked; the trail keeps the reason.

    Raises:
        Invalid: it is ACTIVE and no reason says why (ISO 19011:2018, 5.6); and see `own`.
        Forbidden, NotFound, StaleVersion: see `own`.
    """
    programme = await own(work, id, expected_version=expected_version, path=path)
    if programme.status is AuditProgrammeStatus.ACTIVE and reason is None:
        message = "This programme is being carried out. Say why it is adjusted."
        raise Required(message, "reason")
    work.set_reason(reason)
    return programme


async def own(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> AuditProgramme:
    """Return a programme that the caller may change, locked.

    Raises:
        Forbidden: it is somebody else's.
        Invalid: it is APPROVED or CLOSED.
        NotFound: there is none, or it is hidden from the caller.
        StaleVersion: it has another version than the caller expected.
    """
    programme = await work.get_open(
        AuditProgramme, id, expected_version=expected_version, path=path
    )
    mine = sa.select(AuditProgramme.id).where(
        AuditProgramme.id == id, is_own(AuditProgramme, work.caller)
    )
    if not await work.rows(mine):
        message = "Only its owner changes this programme, or who runs quality. Ask them."
        raise Forbidden(message, path)
    return programme


async def _keep_items_in(work: Work, programme: AuditProgramme) -> None:
    month = ProgrammeItem.planned_month
    first, last = programme.period_start_on.replace(day=1), programme.period_end_on
    outside = sa.or_(month < first, month > last)
    lost = sa.select(sa.func.count()).where(
        ProgrammeItem.programme_id == programme.id, ProgrammeItem.dropped_on.is_(None), outside
    )
    (count,) = await work.rows(lost)
    if count:
        message = f"Items planned outside of this period: {count}. Move, remove or drop them first."
        raise Invalid(message, "periodEndOn")
