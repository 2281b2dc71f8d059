"""Commands on what a programme plans (ISO 9001:2015, 9.2.2 a)."""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.errors import AlreadyExists, Invalid, require_at_most
from qgp.kit.names import to_camel
from qgp.kit.work import Work
from qgp.programmes.commands.programmes import adjustable, own
from qgp.programmes.facts import related
from qgp.programmes.model import TARGET, AuditProgramme, AuditProgrammeStatus, ProgrammeItem
from qgp.programmes.policy import READ_ITEMS
from qgp.standards.facts import require_in_use

MOST_ITEMS = 500


async def add(
    work: Work, *, programme_id: UUID, reason: str | None, **values: Any
) -> ProgrammeItem:
    """Plan that something is audited; it counts as a change of the programme.

    Raises:
        Invalid: no target, no first day of a month in the period, a clause out of use, too many
            items; and see `adjustable`.
        AlreadyExists: the programme looks at this target in this month already.
        Forbidden: the programme is somebody else's.
        NotFound: it points at something that is not there.
    """
    programme = await adjustable(work, programme_id, reason, path="programmeId")
    items_of_programme = sa.select(sa.func.count()).where(
        ProgrammeItem.programme_id == programme_id
    )
    (count,) = await work.rows(items_of_programme)
    message = f"A programme has at most {MOST_ITEMS} items."
    require_at_most(MOST_ITEMS, count + 1, message, "programmeId")
    await _fit(work, programme, values)
    item = await work.add(ProgrammeItem(programme_id=programme_id, **values))
    await work.touch(programme)
    return item


async def change(
    work: Work, *, id: UUID, expected_version: int, reason: str | None, **changes: Any
) -> ProgrammeItem:
    """Change an item that stands; it counts as a change of the programme.

    Raises:
        Invalid: it was dropped, or has an audit and would look at something else; and see `add`.
        AlreadyExists, Forbidden, NotFound: see `add`.
        StaleVersion: it has another version than the caller expected.
    """
    item, programme = await standing(work, id, reason, expected_version=expected_version)
    changes = {name: value for name, value in changes.items() if value != getattr(item, name)}
    aimed: Any = sorted(set(TARGET) & changes.keys())
    if aimed and await work.load(related.audits, id):
        message = "An audit carries it out, so its target stays. Cancel the audit first."
        raise Invalid(message, to_camel(aimed[0]))
    whole = {name: getattr(item, name) for name in (*TARGET, "planned_month")}
    await _fit(work, programme, whole | changes, item)
    if changes:
        await work.change(item, changes)
        await work.touch(programme)
    return item


async def remove(work: Work, *, id: UUID, expected_version: int) -> AuditProgramme:
    """Take an item out of a draft; it counts as a change of the programme.

    Raises:
        Invalid: the programme is no draft any more.
    """
    item = await seen(work, id, expected_version=expected_version)
    programme = await own(work, item.programme_id)
    if programme.status is not AuditProgrammeStatus.DRAFT:
        message = "What is being carried out keeps its items. Drop it for a reason instead."
        raise Invalid(message, "id")
    await work.remove(item)
    return await work.touch(programme)


async def drop(work: Work, *, id: UUID, expected_version: int, reason: str) -> ProgrammeItem:
    """Decide that nobody will audit it in this programme (ISO 19011:2018, 5.6).

    Raises:
        Invalid: the programme is not ACTIVE, it was dropped already, or an audit carries it out.
    """
    item, programme = await standing(work, id, reason, expected_version=expected_version)
    if programme.status is not AuditProgrammeStatus.ACTIVE:
        raise Invalid("The programme is a draft. Remove the item instead.", "id")
    if await work.load(related.audits, id):
        raise Invalid("An audit carries this item out. Cancel the audit first.", "id")
    dropped = {"dropped_on": clock.today(work.caller.zone), "drop_reason": reason}
    await work.change(item, dropped)
    await work.touch(programme)
    return item


async def standing(
    work: Work, id: UUID, reason: str | None, *, expected_version: int
) -> tuple[ProgrammeItem, AuditProgramme]:
    """Return an item that the caller may change, and its programme, both locked.

    Raises:
        Invalid: it was dropped; and see `adjustable`.
        Forbidden: the programme is somebody else's.
        NotFound: there is none, or it is hidden from the caller.
        StaleVersion: it has another version than the caller expected.
    """
    item = await seen(work, id, expected_version=expected_version)
    return item, await adjustable(work, item.programme_id, reason)


async def seen(work: Work, id: UUID, *, expected_version: int) -> ProgrammeItem:
    """Return an item that the caller may see and that stands, locked.

    Raises:
        Invalid: it was dropped.
        NotFound, StaleVersion: see `standing`.
    """
    item = await work.get(ProgrammeItem, id, expected_version=expected_version, read=READ_ITEMS)
    if item.dropped_on is not None:
        raise Invalid("This item was dropped and takes no changes. Add it anew.", "id")
    return item


async def _fit(
    work: Work,
    programme: AuditProgramme,
    values: dict[str, Any],
    item: ProgrammeItem | None = None,
) -> None:
    """Check what an item is to say: its target, its month, and that it is the only one so."""
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
        message = "The programme looks at this in this month already. Choose another month."
        raise AlreadyExists(message, "plannedMonth")


def _in_period(programme: AuditProgramme, month: date) -> None:
    first, last = programme.period_start_on, programme.period_end_on
    if not first.replace(day=1) <= month <= last:
        message = f"The programme runs from {first} to {last}. Choose a month within."
        raise Invalid(message, "plannedMonth")
