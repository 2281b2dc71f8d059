"""Assignment of audits to programme items (ISO 19011:2018, 5.5)."""

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.commands import audits
from qgp.kit.errors import AlreadyExists, Invalid
from qgp.kit.work import Work
from qgp.programmes.commands.items import visible_item
from qgp.programmes.facts import related
from qgp.programmes.model import (
    AuditProgramme,
    AuditProgrammeStandard,
    AuditProgrammeStatus,
    ProgrammeItem,
)
from qgp.standards.facts import clauses_unfiltered

if TYPE_CHECKING:
    from qgp.audits.model.terms import AuditType

LINE = 200


async def plan_audit(
    work: Work,
    *,
    id: UUID,
    expected_version: int,
    title: str | None,
    type: "AuditType | None",
    planned_start_on: date | None,
    planned_end_on: date | None,
    **values: Any,
) -> ProgrammeItem:
    """Plan the audit of an item.

    Raises:
        Invalid: see `_assignable`, and `audits.create`.
        AlreadyExists: the item has an audit already.
        NotFound: a record that the audit refers to does not exist.
    """
    item, programme = await _assignable(work, id, expected_version)
    start = planned_start_on or item.planned_month
    await audits.create_internal(
        work,
        title=title or await _title(work, item, programme),
        type=type,
        method=programme.method,
        planned_start_on=start,
        planned_end_on=planned_end_on or max(start, _end(item.planned_month)),
        site_id=item.site_id,
        department_id=await _department(work, item),
        process_id=item.process_id,
        programme_item_id=item.id,
        standard_ids=await _standards(work, item),
        clause_ids=[] if item.clause_id is None else [item.clause_id],
        auditee_ids=[],
        **values,
    )
    return item


async def link_audit(
    work: Work, *, id: UUID, expected_version: int, audit_id: UUID
) -> ProgrammeItem:
    """Link an existing audit to an item.

    Raises:
        Invalid: the audit is not PLANNED, or belongs to another item; and see `_assignable`.
        AlreadyExists: the item has an audit already.
        Forbidden: an auditor who neither leads nor created the audit.
        NotFound: no such item or audit visible to the caller.
    """
    item, _ = await _assignable(work, id, expected_version)
    audit = await audits.planned_audit(work, audit_id, path="auditId")
    if audit.programme_item_id is not None:
        raise Invalid(
            f"{audit.reference} belongs to another programme item. An audit performs one item; "
            "choose another audit.",
            "auditId",
        )
    await work.change(audit, {"programme_item_id": item.id})
    return item


async def unlink_audit(work: Work, *, id: UUID, expected_version: int) -> ProgrammeItem:
    """Unlink the audit of an item.

    Raises:
        Invalid: the item has no audit, or one that is not PLANNED any more.
    """
    item = await visible_item(work, id, expected_version=expected_version)
    for (audit_id,) in await work.load(related.audits, id):
        audit = await audits.planned_audit(work, audit_id, path="id")
        await work.change(audit, {"programme_item_id": None})
        return item
    raise Invalid(
        "This item has no audit. Only a linked audit can be unlinked; leave the item as it is.",
        "id",
    )


async def _assignable(
    work: Work, id: UUID, expected_version: int
) -> tuple[ProgrammeItem, AuditProgramme]:
    """Return an item without an audit, and its programme, both locked.

    Raises:
        Invalid: it was dropped, or its programme is not ACTIVE.
        AlreadyExists: it has an audit that is not CANCELLED.
    """
    item = await visible_item(work, id, expected_version=expected_version)
    programme = await work.get(AuditProgramme, item.programme_id)
    if programme.status is not AuditProgrammeStatus.ACTIVE:
        message = (
            f"{programme.reference} is {programme.status.value}. Audits of its items are "
            "planned while it is ACTIVE; start the programme first (auditProgrammeStart)."
        )
        raise Invalid(message, "id")
    if await work.load(related.audits, id):
        message = (
            "This item has an audit already. An item has one audit that is not CANCELLED; cancel "
            "it first (auditCancel)."
        )
        raise AlreadyExists(message, "id")
    return item, programme


async def _standards(work: Work, item: ProgrammeItem) -> list[UUID]:
    """Return the standards of the audit criteria: the clause's, or else the programme's."""
    if item.clause_id is not None:
        clauses = clauses_unfiltered().c
        of_it = sa.select(clauses.standard_id).where(clauses.id == item.clause_id)
        return list(await work.rows(of_it))
    link = AuditProgrammeStandard
    statement = sa.select(link.standard_id).where(link.programme_id == item.programme_id)
    return list(await work.rows(statement.order_by(link.id)))


async def _department(work: Work, item: ProgrammeItem) -> UUID | None:
    """Return the audited department: the item's, or else its process's."""
    if item.department_id is not None or item.process_id is None:
        return item.department_id
    (department_id,) = await work.rows(related.department_of_process_unfiltered(item.process_id))
    return cast("UUID | None", department_id)


async def _title(work: Work, item: ProgrammeItem, programme: AuditProgramme) -> str:
    """Return the programme's title with the item's target, cut to the length of a title."""
    targets = related.targets_unfiltered(item)
    names = [name for target in targets for name in await work.rows(target)]
    whole = f"{programme.title}: {', '.join(names)}"
    return whole if len(whole) <= LINE else f"{whole[: LINE - 1]}…"


def _end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
