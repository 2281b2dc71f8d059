"""Scenarios of audit programmes, one for each year: approved, carried out, closed."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from qgp.audits.facts.coverage import ISSUED
from qgp.demo.playback import Playback, Scenario
from qgp.demo.programme import Planned, first_day, programme
from qgp.kit.shared_terms import AuditMethod
from qgp.programmes.facts import related
from qgp.programmes.model import (
    AuditProgramme,
    AuditProgrammeStatus,
    ProgrammeItem,
    ProgrammeItemRisk,
)

_KEEPER, _APPROVER = "reinhardt", "vogel"
_EARLY, _LATE = 52, 60  # working days before a year that it is planned, and after it is closed
_NOT_NEEDED = "The programme of the year looks at this site for longer."
_NOT_DONE = "The audit was called off; it is planned anew next year."
_RISKS = {
    "safety": ProgrammeItemRisk.HIGH,
    "security": ProgrammeItemRisk.HIGH,
    "layered": ProgrammeItemRisk.LOW,
}
_FURTHER = {
    AuditProgrammeStatus.DRAFT: "Visits at suppliers",
    AuditProgrammeStatus.APPROVED: "Tours of the night shift",
    AuditProgrammeStatus.CLOSED: "Visits of the first months",
}


def years_of(playback: Playback) -> int:
    """Return the number of years with a programme: the past ones, and the one that begins."""
    return playback.years + 1


def opening_of(playback: Playback, year: int) -> float:
    """Return the working day on which the programme of a year is drafted."""
    if year == 0:
        return first_day(playback.years) - 43
    days = (_starts(playback, year) - playback.calendar.day(0)).days
    return days * 5 / 7 - _EARLY


async def run_programme(playback: Playback, year: int) -> Scenario:
    """Draft the programme of a year, have it approved, and close it at its end."""
    row = await _draft(playback, f"Audits, year {year + 1}", year)
    audits = [one for one in programme(playback.years) if _year(playback, one) == year]
    for plan in _targets(playback, audits):
        playback.items[plan.key] = await _item(playback, row, plan)
    yield 1
    await playback.transition(_APPROVER, "auditProgrammeApprove", row)
    yield 1
    await playback.transition(_KEEPER, "auditProgrammeStart", row)
    yield 262 + _EARLY + _LATE
    while (left := await _open_items(playback, row)) and not all(
        one is None for one in left.values()
    ):
        yield 20
    await _end(playback, row, left, _NOT_DONE)


async def leave_programme(playback: Playback, state: AuditProgrammeStatus) -> Scenario:
    """Create a small programme that stays DRAFT or APPROVED, or is closed without audits."""
    is_over = state is AuditProgrammeStatus.CLOSED
    row = await _draft(playback, _FURTHER[state], 0 if is_over else playback.years)
    items = [
        await playback.run(
            _KEEPER,
            "programmeItemCreate",
            programme_id=row.id,
            reason=None,
            planned_month=_month(row.period_start_on, 5 + month),
            risk=ProgrammeItemRisk.MEDIUM,
            note=None,
            clause_id=None,
            site_id=playback.sites[site],
            department_id=None,
            process_id=None,
        )
        for month, site in enumerate(("BER", "WRO"))
    ]
    yield 1
    if state is AuditProgrammeStatus.DRAFT:
        return
    await playback.transition(_APPROVER, "auditProgrammeApprove", row)
    if is_over:
        yield 1
        await playback.transition(_KEEPER, "auditProgrammeStart", row)
        yield 20
        await _end(playback, row, items, _NOT_NEEDED)


async def _end(
    playback: Playback, row: AuditProgramme, items: Iterable[ProgrammeItem], reason: str
) -> None:
    """Drop the items without an audit, and close the programme."""
    for item in items:
        facts = {"id": item.id, "expected_version": item.version}
        await playback.run(_KEEPER, "programmeItemDrop", **facts, reason=reason)
    await playback.transition(_KEEPER, "auditProgrammeClose", row)


async def _draft(playback: Playback, title: str, year: int) -> AuditProgramme:
    start = _starts(playback, year)
    row: AuditProgramme = await playback.run(
        _KEEPER,
        "auditProgrammeCreate",
        title=title,
        method=AuditMethod.ONSITE,
        period_start_on=start,
        period_end_on=_month(start, 12) - timedelta(1),
        objectives="Every process within three years; environment, safety and suppliers each year.",
        risk_basis="Findings of the year before, changes, and what customers complained about.",
        owner_id=playback.people[_KEEPER].user_id,
        standard_ids=list(playback.standards.values())[:4],
    )
    return row


def _targets(playback: Playback, audits: list[Planned]) -> Iterator[Planned]:
    """Yield the audits of a site or process, one for each of them and month."""
    seen = set()
    for plan in audits:
        aim = plan.site, plan.process, _month(playback.calendar.day(plan.day), 0)
        if (plan.site or plan.process) and aim not in seen:
            seen.add(aim)
            yield plan


async def _item(playback: Playback, row: AuditProgramme, plan: Planned) -> ProgrammeItem:
    item: ProgrammeItem = await playback.run(
        _KEEPER,
        "programmeItemCreate",
        programme_id=row.id,
        reason=None,
        planned_month=_month(playback.calendar.day(plan.day), 0),
        risk=_RISKS.get(plan.checklist or "", ProgrammeItemRisk.MEDIUM),
        note=plan.title,
        clause_id=None,
        site_id=playback.sites[plan.site] if plan.site else None,
        department_id=None,
        process_id=playback.processes[plan.process] if plan.process else None,
    )
    return item


async def _open_items(playback: Playback, row: AuditProgramme) -> dict[ProgrammeItem, object]:
    """Return the items that keep a programme open, each with the status of its audit, if any."""
    items = await playback.work.load(related.items, row.id)
    left = {id: status for id, _, status in items if status not in ISSUED}
    return {await playback.work.get(ProgrammeItem, id): status for id, status in left.items()}


def _starts(playback: Playback, year: int) -> date:
    return _month(playback.calendar.day(first_day(playback.years)), 12 * year)


def _year(playback: Playback, plan: Planned) -> int:
    first, day = playback.calendar.day(first_day(playback.years)), playback.calendar.day(plan.day)
    return ((day.year - first.year) * 12 + day.month - first.month) // 12


def _month(day: date, after: int) -> date:
    """Return the first day of the month that is `after` months later."""
    years, month = divmod(day.month - 1 + after, 12)
    return date(day.year + years, month + 1, 1)
