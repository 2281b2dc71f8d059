"""How pressing items are: the formula by hand, and what it is fed with."""

from datetime import date, timedelta
from typing import Any

import pytest

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.shared_terms import FindingGrade
from qgp.programmes.facts.priority import AuditResults, months_between, priority
from qgp.programmes.model import AuditProgrammeStatus, ProgrammeItemRisk
from tests.company import Client
from tests.factories.programmes import MONTH
from tests.programmes.programme_records import ProgrammeRecords, show

TODAY = date(2027, 3, 15)
LOW, MEDIUM, HIGH = ProgrammeItemRisk
SHOWN = "priority openMajorCount openMinorCount lastAuditedOn"


@pytest.mark.parametrize(
    ("risk", "standing", "points"),
    [
        (LOW, AuditResults(), 10 + 0 + 30),  # never audited
        (MEDIUM, AuditResults(), 25 + 0 + 30),
        (HIGH, AuditResults(9, 9), 40 + 30 + 30),  # the most there is
        (LOW, AuditResults(last_audited_on=TODAY), 10),  # the least there is
        (LOW, AuditResults(last_audited_on=date(2027, 2, 16)), 10),  # no whole month ago
        (LOW, AuditResults(last_audited_on=date(2027, 2, 15)), 10 + 0),  # 1 month: 30/36 is 0.83
        (LOW, AuditResults(last_audited_on=date(2027, 1, 15)), 10 + 1),  # 2 months: 1.67
        (MEDIUM, AuditResults(0, 1, date(2026, 3, 15)), 25 + 5 + 10),  # 12 months: 10
        (MEDIUM, AuditResults(1, 0, date(2025, 9, 15)), 25 + 15 + 15),  # 18 months: 15
        (MEDIUM, AuditResults(1, 2, date(2024, 3, 16)), 25 + 25 + 29),  # 35 months: 29.17
        (HIGH, AuditResults(1, 3, date(2024, 3, 15)), 40 + 30 + 30),  # 36 months
        (HIGH, AuditResults(2, 1, date(1999, 1, 1)), 40 + 30 + 30),
        (HIGH, AuditResults(0, 6, date(2027, 3, 16)), 40 + 30 + 0),  # tomorrow's: a zone ahead
    ],
)
def test_the_formula_by_hand(risk: ProgrammeItemRisk, standing: AuditResults, points: int) -> None:
    assert priority(risk, standing, TODAY) == points


def test_it_stays_within_its_range() -> None:
    priorities = {
        priority(risk, AuditResults(majors, minors, last), TODAY)
        for risk in ProgrammeItemRisk
        for majors in range(4)
        for minors in range(8)
        for last in (None, *(TODAY - timedelta(days=days) for days in range(-40, 1500, 13)))
    }
    assert (min(priorities), max(priorities)) == (10, 100)


@pytest.mark.parametrize(
    ("start", "end", "months"),
    [
        (date(2027, 1, 31), date(2027, 2, 28), 0),
        (date(2027, 1, 28), date(2027, 2, 28), 1),
        (date(2026, 12, 1), date(2027, 1, 1), 1),
        (date(2024, 2, 29), date(2027, 2, 28), 35),
        (date(2024, 2, 29), date(2027, 3, 1), 36),
    ],
)
def test_whole_months_are_counted(start: date, end: date, months: int) -> None:
    assert months_between(start, end) == months


@pytest.fixture
async def audit(programme_records: ProgrammeRecords) -> Audit:
    """An audit that findings come from, and that covers nothing."""
    unit = await programme_records.department()
    return await programme_records.audit(AuditStatus.IN_PROGRESS, department_id=unit.id)


async def test_open_nonconformities_of_the_target_count(
    api: Client, programme_records: ProgrammeRecords, audit: Audit
) -> None:
    """Of the site and what lies below it, in the last 24 months, and not drafted alone."""
    top = await programme_records.site()
    below, beside = await programme_records.site(top), await programme_records.site()
    clause, today = await programme_records.clause(), clock.today()
    item = await programme_records.item(await programme_records.programme(), site_id=top.id)
    assert await show(api, item, SHOWN) == {
        "priority": 55,
        "openMajorCount": 0,
        "openMinorCount": 0,
        "lastAuditedOn": None,
    }

    async def find(
        grade: FindingGrade, status: FindingStatus = FindingStatus.OPEN, **facts: Any
    ) -> None:
        where = {"site_id": top.id, "detected_on": today, "clause": clause, **facts}
        await programme_records.finding(audit, status, grade=grade, **where)

    major, minor = FindingGrade.MAJOR, FindingGrade.MINOR
    async with programme_records.together():
        await find(major, site_id=below.id)
        await find(minor)
        await find(minor, FindingStatus.VERIFICATION)
        await find(minor, detected_on=today - timedelta(days=700))
        for status in ("DRAFT", "CLOSED", "ACCEPTED", "VOID"):
            await find(major, FindingStatus(status))
        await find(major, site_id=beside.id)
        await find(major, site_id=None)
        await find(major, detected_on=today - timedelta(days=740))
        await find(FindingGrade.OBSERVATION)
    record = await show(api, item, SHOWN)
    assert (record["openMajorCount"], record["openMinorCount"]) == (1, 3)
    assert record["priority"] == 25 + 30 + 30


async def test_a_target_is_what_all_its_parts_have_in_common(
    api: Client, company: Any, programme_records: ProgrammeRecords, audit: Audit
) -> None:
    clause, site, unit = (
        await programme_records.clause(),
        await programme_records.site(),
        await programme_records.department(),
    )
    process = await programme_records.process(company.owner.user_id)
    whole: dict[str, Any] = {"site_id": site.id, "department_id": unit.id, "process_id": process.id}
    row = await programme_records.programme()
    item = await programme_records.item(row, **whole, clause_id=clause.id)
    async with programme_records.together():
        for gone in whole:
            await programme_records.finding(
                audit, FindingStatus.OPEN, clause=clause, **{**whole, gone: None}
            )
        await programme_records.finding(
            audit, FindingStatus.OPEN, grade=FindingGrade.MINOR, **whole
        )
    assert (await show(api, item, SHOWN))["openMinorCount"] == 0
    await programme_records.finding(audit, FindingStatus.OPEN, clause=clause, **whole)
    assert (await show(api, item, SHOWN))["openMinorCount"] == 1
    narrower = [await programme_records.item(row, **{name: id}) for name, id in whole.items()]
    counts = [(await show(api, one, SHOWN))["openMinorCount"] for one in narrower]
    assert counts == [4, 4, 4]  # the two others' of each kind, the one without a clause, the last


async def test_the_last_audit_that_covers_the_target_counts(
    api: Client, programme_records: ProgrammeRecords
) -> None:
    """Of the clause or one above it, at the site, above it, or everywhere; done, not planned."""
    parent = await programme_records.clause()
    below = await programme_records.clause_below(parent)
    top = await programme_records.site()
    site, other = await programme_records.site(top), await programme_records.clause()
    row = await programme_records.programme(AuditProgrammeStatus.ACTIVE)
    item = await programme_records.item(row, clause_id=below.id, site_id=site.id)
    now = clock.now()

    async def audited(days: int, status: str, clause: Any, where: Any) -> None:
        await programme_records.audit(
            AuditStatus(status),
            clause=clause,
            site_id=where and where.id,
            completed_at=now - timedelta(days=days),
        )

    async def last() -> int | None:
        audited_on = (await show(api, item, SHOWN))["lastAuditedOn"]
        return audited_on and (clock.today() - date.fromisoformat(audited_on)).days

    await audited(1, "CLOSED", other, site)
    await audited(1, "CANCELLED", below, site)
    await audited(1, "IN_PROGRESS", below, site)
    await audited(1, "CLOSED", below, await programme_records.site())
    assert await last() is None
    steps = (
        (40, "CLOSED", below, top),
        (30, "REPORTED", parent, site),
        (20, "FIELDWORK_DONE", parent, None),
        (10, "IN_REVIEW", below, site),
    )
    for step in steps:
        await audited(*step)
        assert await last() == step[0]
    checklist = await programme_records.checklist_about(parent)
    await programme_records.audit(
        AuditStatus.CLOSED, checklist=checklist, completed_at=now - timedelta(days=5)
    )
    assert await last() == 5
    assert item.planned_month == MONTH


async def test_priorities_cost_one_statement_for_all_items(
    api: Client, programme_records: ProgrammeRecords
) -> None:
    row = await programme_records.programme()
    document = f"""query ($id: ID!) {{ auditProgramme(by: {{id: $id}}) {{ items(first: 100) {{
        totalCount nodes {{ {SHOWN} plannedMonth audit {{ id }} site {{ id }} clause {{ number }}
        viewerCanPlanAudit viewerCanUpdate }} }} }} }}"""
    counts = []
    for number in (2, 22):
        async with programme_records.together():
            for place in range(number):
                item = await programme_records.item(row)
                if place % 2:
                    await programme_records.audit(AuditStatus.CLOSED, programme_item_id=item.id)
        data = await api.ask(document, id=row.public_id)
        assert data["auditProgramme"]["items"]["totalCount"] in {2, 24}
        counts.append(len(api.statements))
    assert counts[0] == counts[1]
