"""From the plan to the audit: which audit carries out an item (ISO 19011:2018, 5.5)."""

from calendar import monthrange
from datetime import date
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import sqlalchemy as sa

from qgp.audits.commands import audits
from qgp.kit.errors import AlreadyExists, Invalid
from qgp.kit.work import Work
from qgp.programmes.commands.items import seen
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
    """Plan the audit that carries an item out.

    Raises:
        Invalid: see `_free`; and what `audits.create` refuses.
        AlreadyExists: an audit carries it out already.
        NotFound: it points at something that is not there.
    """
    item, programme = await _free(work, id, expected_version)
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
    """Let an audit that is planned already carry an item out.

    Raises:
        Invalid: the audit is not PLANNED, or carries out another item; and see `_free`.
        AlreadyExists: an audit carries it out already.
        Forbidden: an auditor's audit is not their own.
        NotFound: there is none, or it is hidden from the caller.
    """
    item, _ = await _free(work, id, expected_version)
    audit = await audits.planned(work, audit_id, path="auditId")
    if audit.programme_item_id is not None:
        raise Invalid("This audit carries out another item. Choose another audit.", "auditId")
    await work.change(audit, {"programme_item_id": item.id})
    return item


async def unlink_audit(work: Work, *, id: UUID, expected_version: int) -> ProgrammeItem:
    """Let the audit of an item, which is still PLANNED, stand for itself.

    Raises:
        Invalid: it has no audit, or one that is announced already.
    """
    item = await seen(work, id, expected_version=expected_version)
    for (audit_id,) in await work.load(related.audits, id):
        audit = await audits.planned(work, audit_id, path="id")
        await work.change(audit, {"programme_item_id": None})
        return item
    raise Invalid("No audit carries this out.", "id")


async def _free(
    work: Work, id: UUID, expected_version: int
) -> tuple[ProgrammeItem, AuditProgramme]:
    """Return an item that waits for an audit, and its programme, both locked.

    Raises:
        Invalid: it was dropped, or its programme is not ACTIVE.
        AlreadyExists: an audit that is not CANCELLED carries it out.
    """
    item = await seen(work, id, expected_version=expected_version)
    programme = await work.get(AuditProgramme, item.programme_id)
    if programme.status is not AuditProgrammeStatus.ACTIVE:
        message = (
            f"Its programme is {programme.status.value}. Audits are planned while it is ACTIVE."
        )
        raise Invalid(message, "id")
    if await work.load(related.audits, id):
        message = "An audit carries this item out. Cancel the audit first."
        raise AlreadyExists(message, "id")
    return item, programme


async def _standards(work: Work, item: ProgrammeItem) -> list[UUID]:
    """Return what the audit is held against: the clause's standard, or the programme's."""
    if item.clause_id is not None:
        clauses = clauses_unfiltered().c
        of_it = sa.select(clauses.standard_id).where(clauses.id == item.clause_id)
        return list(await work.rows(of_it))
    link = AuditProgrammeStandard
    statement = sa.select(link.standard_id).where(link.programme_id == item.programme_id)
    return list(await work.rows(statement.order_by(link.id)))


async def _department(work: Work, item: ProgrammeItem) -> UUID | None:
    """Return the department that is audited: the item's, or else the one of its process."""
    if item.department_id is not None or item.process_id is None:
        return item.department_id
    (department_id,) = await work.rows(related.department_of_process_unfiltered(item.process_id))
    return cast("UUID | None", department_id)


async def _title(work: Work, item: ProgrammeItem, programme: AuditProgramme) -> str:
    """Return the programme's title with what the item looks at, as far as there is room."""
    targets = related.targets_unfiltered(item)
    names = [name for target in targets for name in await work.rows(target)]
    whole = f"{programme.title}: {', '.join(names)}"
    return whole if len(whole) <= LINE else f"{whole[: LINE - 1]}…"


def _end(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])
