"""Commands on programme items (ISO 9001:2015, 9.2.2 a)."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.errors import AlreadyExists, Invalid, require_at_most
from qgp.kit.names import to_camel
from qgp.kit.work import Work
from qgp.programmes.commands.programmes import adjustable_programme, changeable_programme
from qgp.programmes.facts import related
from qgp.programmes.model import TARGET, AuditProgramme, AuditProgrammeStatus, ProgrammeItem
from qgp.programmes.policy import READ_ITEMS
from qgp.standards.facts import require_in_use

MOST_ITEMS = 500


async def add(
    work: Work, *, programme_id: UUID, reason: str | None, **values: Any
) -> ProgrammeItem:
    """Add an item, and count it as a change of the programme.

    Raises:
        Invalid: no target, a month that is not the first day of one in the period, a withdrawn
            clause, more than 500 items; and see `adjustable_programme`.
        AlreadyExists: the programme has an item with this target and month.
        Forbidden: the caller may not change the programme.
        NotFound: a record that the item refers to does not exist.
    """
    programme = await adjustable_programme(work, programme_id, reason, path="programmeId")
    items_of_programme = sa.select(sa.func.count()).where(
        ProgrammeItem.programme_id == programme_id
    )
    (count,) = await work.rows(items_of_programme)
    message = (
        f"The programme has {MOST_ITEMS} items. It has at most {MOST_ITEMS}; remove one first "
        "(programmeItemRemove)."
    )
    require_at_most(MOST_ITEMS, count + 1, message, "programmeId")
    await _fit(work, programme, values)
    item = await work.add(ProgrammeItem(programme_id=programme_id, **values))
    await work.touch(programme)
    return item


async def change(
    work: Work, *, id: UUID, expected_version: int, reason: str | None, **changes: Any
) -> ProgrammeItem:
    """Change an item, and count it as a change of the programme.

    Raises:
        Invalid: it was dropped, or has an audit and would get another target; and see `add`.
        AlreadyExists, Forbidden, NotFound: see `add`.
        StaleVersion: its version differs from the expected one.
    """
    item, programme = await changeable_item(work, id, reason, expected_version=expected_version)
    changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
    aimed: Any = sorted(set(TARGET) & changes.keys())
    if aimed and await work.load(related.audits, id):
        message = (
            "This item has an audit, so its target is fixed. Cancel the audit first "
            "(auditCancel), or leave the target as it is."
        )
        raise Invalid(message, to_camel(aimed[0]))
    whole = {name: getattr(item, name) for name in (*TARGET, "planned_month")}
    await _fit(work, programme, whole | changes, item)
    if changes:
        await work.change(item, changes)
        await work.touch(programme)
    return item


async def remove(work: Work, *, id: UUID, expected_version: int) -> AuditProgramme:
    """Remove an item from a DRAFT, and count it as a change of the programme.

    Raises:
        Invalid: the programme is not DRAFT.
    """
    item = await visible_item(work, id, expected_version=expected_version)
    programme = await changeable_programme(work, item.programme_id)
    if programme.status is not AuditProgrammeStatus.DRAFT:
        message = (
            f"{programme.reference} is {programme.status.value}. Items are removed from a DRAFT "
            "only; drop the item with a reason instead (programmeItemDrop)."
        )
        raise Invalid(message, "id")
    await work.remove(item)
    return await work.touch(programme)


async def drop(work: Work, *, id: UUID, expected_version: int, reason: str) -> ProgrammeItem:
    """Drop an item from an ACTIVE programme (ISO 19011:2018, 5.6).

    Raises:
        Invalid: the programme is not ACTIVE, or the item was dropped or has an audit.
    """
    item, programme = await changeable_item(work, id, reason, expected_version=expected_version)
    if programme.status is not AuditProgrammeStatus.ACTIVE:
        raise Invalid(
            f"{programme.reference} is {programme.status.value}. Items are dropped from an ACTIVE "
            "programme only; remove the item instead (programmeItemRemove).",
            "id",
        )
    if await work.load(related.audits, id):
        raise Invalid(
            "This item has an audit. Only an item without one is dropped; cancel the audit first "
            "(auditCancel).",
            "id",
        )
    dropped = {"dropped_on": clock.today(work.caller.zone), "drop_reason": reason}
    await work.change(item, dropped)
    await work.touch(programme)
    return item


async def changeable_item(
    work: Work, id: UUID, reason: str | None, *, expected_version: int
) -> tuple[ProgrammeItem, AuditProgramme]:
    """Return an item that the caller may change, and its programme, both locked.

    Raises:
        Invalid: it was dropped; and see `adjustable_programme`.
        Forbidden: the caller may not change the programme.
        NotFound: no such item visible to the caller.
        StaleVersion: its version differs from the expected one.
    """
    item = await visible_item(work, id, expected_version=expected_version)
    return item, await adjustable_programme(work, item.programme_id, reason)


async def visible_item(work: Work, id: UUID, *, expected_version: int) -> ProgrammeItem:
    """Return an item visible to the caller, locked.

    Raises:
        Invalid: it was dropped.
        NotFound, StaleVersion: see `changeable_item`.
    """
    item = await work.get(ProgrammeItem, id, expected_version=expected_version, read=READ_ITEMS)
    if item.dropped_on is not None:
        raise Invalid(
            "This item was dropped and cannot be changed. Add a new item (programmeItemCreate).",
            "id",
        )
    return item


async def _fit(
    work: Work,
    programme: AuditProgramme,
    values: dict[str, Any],
    item: ProgrammeItem | None = None,
) -> None:
    """Check the target and month of an item, and that no other item has both."""
    clause_id = values["clause_id"]
    if clause_id is not None and (item is None or clause_id != item.clause_id):
        await require_in_use(work, {clause_id: "clauseId"})
    _in_period(programme, values["planned_month"])
    names = (*TARGET, "planned_month")
    same = [getattr(ProgrammeItem, name).is_not_distinct_from(values[name]) for name in names]
    twin = sa.select(ProgrammeItem.id).where(
        ProgrammeItem.programme_id == programme.id, ProgrammeItem.dropped_on.is_(None), *same
    )
    if set(await work.rows(twin)) - ({item.id} if item else set()):
        message = (
            "The programme has an item with this target and month already. Each target is planned "
            "once a month; choose another plannedMonth."
        )
        raise AlreadyExists(message, "plannedMonth")


def _in_period(programme: AuditProgramme, month: date) -> None:
    first, last = programme.period_start_on, programme.period_end_on
    if not first.replace(day=1) <= month <= last:
        message = (
            f"plannedMonth is outside the period of the programme, {first} to {last}. Choose a "
            "month within it."
        )
        raise Invalid(message, "plannedMonth")
