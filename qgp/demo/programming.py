"""Stories of audit programmes: one for each year of the plan, approved, carried out, closed."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from qgp.audits.facts.coverage import ISSUED
from qgp.demo.programme import Planned, first_day, programme
from qgp.demo.stage import Stage, Story
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


def years_of(stage: Stage) -> int:
    """Return how many years have a programme: those behind us, and the one that begins."""
    return stage.years + 1


def opening_of(stage: Stage, year: int) -> float:
    """Return the working day on which the programme of a year is written."""
    if year == 0:
        return first_day(stage.years) - 43
    days = (_starts(stage, year) - stage.calendar.day(0)).days
    return days * 5 / 7 - _EARLY


async def programmed(stage: Stage, year: int) -> Story:
    """Plan a year, have it approved, and close it when all of it is done or dropped."""
    row = await _drafted(stage, f"Audits, year {year + 1}", year)
    audits = [one for one in programme(stage.years) if _year(stage, one) == year]
    for plan in _targets(stage, audits):
        stage.items[plan.key] = await _item(stage, row, plan)
    yield 1
    await stage.step(_APPROVER, "auditProgrammeApprove", row)
    yield 1
    await stage.step(_KEEPER, "auditProgrammeStart", row)
    yield 262 + _EARLY + _LATE
    while (left := await _left(stage, row)) and not all(one is None for one in left.values()):
        yield 20
    await _end(stage, row, left, _NOT_DONE)


async def intended(stage: Stage, state: AuditProgrammeStatus) -> Story:
    """Leave a small programme as a draft, or approved, or closed because another one does it."""
    is_over = state is AuditProgrammeStatus.CLOSED
    row = await _drafted(stage, _FURTHER[state], 0 if is_over else stage.years)
    items = [
        await stage.act(
            _KEEPER,
            "programmeItemCreate",
            programme_id=row.id,
            reason=None,
            planned_month=_month(row.period_start_on, 5 + month),
            risk=ProgrammeItemRisk.MEDIUM,
            note=None,
            clause_id=None,
            site_id=stage.sites[site],
            department_id=None,
            process_id=None,
        )
        for month, site in enumerate(("BER", "WRO"))
    ]
    yield 1
    if state is AuditProgrammeStatus.DRAFT:
        return
    await stage.step(_APPROVER, "auditProgrammeApprove", row)
    if is_over:
        yield 1
        await stage.step(_KEEPER, "auditProgrammeStart", row)
        yield 20
        await _end(stage, row, items, _NOT_NEEDED)


async def _end(
    stage: Stage, row: AuditProgramme, items: Iterable[ProgrammeItem], reason: str
) -> None:
    """Drop what no audit carries out, and close the programme."""
    for item in items:
        facts = {"id": item.id, "expected_version": item.version}
        await stage.act(_KEEPER, "programmeItemDrop", **facts, reason=reason)
    await stage.step(_KEEPER, "auditProgrammeClose", row)


async def _drafted(stage: Stage, title: str, year: int) -> AuditProgramme:
    start = _starts(stage, year)
    row: AuditProgramme = await stage.act(
        _KEEPER,
        "auditProgrammeCreate",
        title=title,
        method=AuditMethod.ONSITE,
        period_start_on=start,
        period_end_on=_month(start, 12) - timedelta(1),
        objectives="Every process within three years; environment, safety and suppliers each year.",
        risk_basis="Findings of the year before, changes, and what customers complained about.",
        owner_id=stage.people[_KEEPER].user_id,
        standard_ids=list(stage.standards.values())[:4],
    )
    return row


def _targets(stage: Stage, audits: list[Planned]) -> Iterator[Planned]:
    """Yield the audits that look at a place or process, one for each of them and month."""
    known = set()
    for plan in audits:
        aim = plan.site, plan.process, _month(stage.calendar.day(plan.day), 0)
        if (plan.site or plan.process) and aim not in known:
            known.add(aim)
            yield plan


async def _item(stage: Stage, row: AuditProgramme, plan: Planned) -> ProgrammeItem:
    item: ProgrammeItem = await stage.act(
        _KEEPER,
        "programmeItemCreate",
        programme_id=row.id,
        reason=None,
        planned_month=_month(stage.calendar.day(plan.day), 0),
        risk=_RISKS.get(plan.checklist or "", ProgrammeItemRisk.MEDIUM),
        note=plan.title,
        clause_id=None,
        site_id=stage.sites[plan.site] if plan.site else None,
        department_id=None,
        process_id=stage.processes[plan.process] if plan.process else None,
    )
    return item


async def _left(stage: Stage, row: AuditProgramme) -> dict[ProgrammeItem, object]:
    """Return the items that keep a programme open, each with the state of its audit, if any."""
    items = await stage.work.load(related.items, row.id)
    left = {id: status for id, _, status in items if status not in ISSUED}
    return {await stage.work.get(ProgrammeItem, id): status for id, status in left.items()}


def _starts(stage: Stage, year: int) -> date:
    return _month(stage.calendar.day(first_day(stage.years)), 12 * year)


def _year(stage: Stage, plan: Planned) -> int:
    first, day = stage.calendar.day(first_day(stage.years)), stage.calendar.day(plan.day)
    return ((day.year - first.year) * 12 + day.month - first.month) // 12


def _month(day: date, after: int) -> date:
    """Return the first day of the month so many months later."""
    years, month = divmod(day.month - 1 + after, 12)
    return date(day.year + years, month + 1, 1)
