"""Commands that create and change audit programmes (ISO 9001:2015, 9.2.2)."""

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
    """Create a programme, which is a DRAFT.

    Raises:
        Invalid: the period ends before it starts, or a standard is named twice.
        NotFound: a record that the programme refers to does not exist.
    """
    programme = await work.add(AuditProgramme(status=AuditProgrammeStatus.DRAFT, **values))
    await _STANDARDS.rewrite(work, programme.id, standard_ids)
    return programme


async def change(
    work: Work, *, id: UUID, expected_version: int, reason: str | None = None, **changes: Any
) -> AuditProgramme:
    """Change a programme.

    Raises:
        Invalid: see `adjustable_programme`; the period ends before it starts or excludes an item,
            or a standard is named twice.
        Forbidden: the caller may not change it.
        NotFound: a record that the programme refers to does not exist.
    """
    programme = await adjustable_programme(work, id, reason, expected_version=expected_version)
    standards = changes.pop("standard_ids", None)
    period = programme.period_start_on, programme.period_end_on
    if standards is not None and await _STANDARDS.rewrite(work, programme.id, standards):
        changes["updated_at"] = clock.now()  # the version counts changes of the links too
    await work.change(programme, changes)
    if (programme.period_start_on, programme.period_end_on) != period:
        await _keep_items_in(work, programme)
    return programme


async def adjustable_programme(
    work: Work,
    id: UUID,
    reason: str | None,
    *,
    expected_version: int | None = None,
    path: str = "id",
) -> AuditProgramme:
    """Return a programme that the caller may change now, locked; the audit trail keeps the reason.

    Raises:
        Required: it is ACTIVE and there is no reason (ISO 19011:2018, 5.6).
        Invalid, Forbidden, NotFound, StaleVersion: see `changeable_programme`.
    """
    programme = await changeable_programme(work, id, expected_version=expected_version, path=path)
    if programme.status is AuditProgrammeStatus.ACTIVE and reason is None:
        message = (
            f"{programme.reference} is ACTIVE and no reason was sent. Changes of an ACTIVE "
            "programme require a reason (ISO 19011:2018, 5.6); send one."
        )
        raise Required(message, "reason")
    work.set_reason(reason)
    return programme


async def changeable_programme(
    work: Work, id: UUID, *, expected_version: int | None = None, path: str = "id"
) -> AuditProgramme:
    """Return a programme that the caller may change, locked.

    Raises:
        Forbidden: the caller is neither owner nor creator of it, and has no quality role.
        Invalid: it is APPROVED or CLOSED.
        NotFound: no such programme visible to the caller.
        StaleVersion: its version differs from the expected one.
    """
    programme = await work.get_open(
        AuditProgramme, id, expected_version=expected_version, path=path
    )
    mine = sa.select(AuditProgramme.id).where(
        AuditProgramme.id == id, is_own(AuditProgramme, work.caller)
    )
    if not await work.rows(mine):
        message = (
            "You may not change this programme. Its owner, the LEAD_AUDITOR who created it and "
            "quality roles do; ask one of them."
        )
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
        message = (
            f"The period excludes {count} items. Each plannedMonth is within the period; move, "
            "remove or drop these items first."
        )
        raise Invalid(message, "periodEndOn")
