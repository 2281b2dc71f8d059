"""Reading programmes: who sees what, what finds what, and how much it costs."""

from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from qgp.audits.model.terms import AuditStatus
from qgp.kit.policy import Role
from qgp.programmes.model import AuditProgramme, AuditProgrammeStatus, ProgrammeItemRisk
from tests.company import Client, Company, texts
from tests.programmes.programme_records import ProgrammeRecords

ACTIVE = AuditProgrammeStatus.ACTIVE
REGISTER = """{ auditProgrammes(first: 100) { totalCount nodes { reference status viewerCanUpdate
    owner { name } approvedBy { name } standards { code }
    items(first: 3) { totalCount nodes { plannedMonth priority openMajorCount lastAuditedOn
        clause { number } site { code } department { code } process { code }
        audit { reference status } viewerCanUpdate viewerCanPlanAudit } } } } }"""
ITEMS = """{ programmeItems(first: 100) { totalCount nodes { plannedMonth priority openMinorCount
    programme { reference owner { name } } audit { reference leadAuditor { name } }
    audits(first: 2) { totalCount nodes { status } } } } }"""
STEPS = """{ auditProgrammes(first: 60) { nodes { status
    availableTransitions { name isAllowed blockers { code } } } } }"""
OF_AUDITS = """{ audits(first: 100) { nodes { programmeItem { plannedMonth
    programme { reference } } } } }"""
DOCUMENTS = {"rows": REGISTER, "items": ITEMS, "steps": STEPS, "audits": OF_AUDITS}


async def fill(programme_records: ProgrammeRecords, count: int) -> None:
    """Write programmes in all states, each with something of everything."""
    states = list(AuditProgrammeStatus)
    clause, unit = await programme_records.clause(), await programme_records.department()
    process = await programme_records.process(programme_records.company.owner.user_id)
    for number in range(count):
        row = await programme_records.programme(
            states[number % 4], title=f"Year {number}", standards=(clause.standard_id,)
        )
        where = {"department_id": unit.id, "process_id": process.id, "clause_id": clause.id}
        for _ in range(2):
            site = await programme_records.site()
            item = await programme_records.item(row, site_id=site.id, **where)
        for status in (AuditStatus.CANCELLED, AuditStatus.REPORTED):
            await programme_records.audit(
                status, programme_item_id=item.id, site_id=site.id, clause=clause
            )


async def test_statements_do_not_grow_with_the_rows(
    api: Client, programme_records: ProgrammeRecords
) -> None:
    counts: dict[str, list[int]] = {}
    await api.ask("{ viewer { user { id } } }")  # so that the sign-in is known
    for size in (4, 12):
        async with programme_records.together():
            await fill(programme_records, size)
        for name, document in DOCUMENTS.items():
            await api.ask(document)
            counts.setdefault(name, []).append(len(api.statements))
    assert all(few == many <= 20 for few, many in counts.values()), counts


@pytest.fixture
async def eve(programme_records: ProgrammeRecords) -> AsyncIterator[tuple[Client, AuditProgramme]]:
    """An employee and the one programme that she owns, beside another."""
    person = await programme_records.company.hire(Role.EMPLOYEE)
    mine = await programme_records.programme(owner=person.user_id, standards=())
    other = await programme_records.programme(
        standards=((await programme_records.clause()).standard_id,)
    )
    for row in (mine, other):
        await programme_records.item(row)
    async with person.signed_in() as api:
        yield api, mine


async def test_an_employee_sees_what_is_assigned(eve: tuple[Client, AuditProgramme]) -> None:
    api, mine = eve
    data = await api.ask(
        """{ auditProgrammes { totalCount nodes { id items { totalCount } } }
        programmeItems { totalCount nodes { programme { id } } }
        auditProgrammeStandards { totalCount } }"""
    )
    assert data == {
        "auditProgrammes": {
            "totalCount": 1,
            "nodes": [{"id": mine.public_id, "items": {"totalCount": 1}}],
        },
        "programmeItems": {"totalCount": 1, "nodes": [{"programme": {"id": mine.public_id}}]},
        "auditProgrammeStandards": {"totalCount": 0},
    }


async def test_an_item_shows_an_audit_to_whoever_sees_that(
    company: Company, programme_records: ProgrammeRecords
) -> None:
    person = await company.hire(Role.EMPLOYEE)
    row = await programme_records.programme(ACTIVE, owner=person.user_id)
    item = await programme_records.item(row)
    audit = await programme_records.audit(programme_item_id=item.id)
    theirs = await programme_records.audit(programme_item_id=None, auditees=[person.user_id])
    other = await programme_records.item(await programme_records.programme(ACTIVE))
    await programme_records.change(theirs, programme_item_id=other.id)
    async with person.signed_in() as api:
        data = await api.ask(
            """{ programmeItems { nodes { audit { id } audits { totalCount } } }
            audits { nodes { id programmeItem { id } } } }"""
        )
    assert data["programmeItems"]["nodes"] == [{"audit": None, "audits": {"totalCount": 0}}]
    assert data["audits"]["nodes"] == [{"id": theirs.public_id, "programmeItem": None}]
    async with company.owner.signed_in() as api:
        document = "query ($id: ID!) { audit(by: {id: $id}) { programmeItem { id } } }"
        shown = await api.ask(document, id=audit.public_id)
        assert shown["audit"] == {"programmeItem": {"id": item.public_id}}


async def test_everything_that_is_indexed_finds(
    api: Client, company: Company, programme_records: ProgrammeRecords
) -> None:
    lead = await company.hire(Role.LEAD_AUDITOR)
    clause, unit = await programme_records.clause(), await programme_records.department()
    process = await programme_records.process(company.owner.user_id)
    programme = await programme_records.programme(
        AuditProgrammeStatus.CLOSED,
        owner=lead.user_id,
        standards=(clause.standard_id,),
        title="The one",
        period_start_on=date(2028, 1, 1),
        period_end_on=date(2028, 12, 31),
    )
    site = await programme_records.site(code="X")
    where = {"department_id": unit.id, "process_id": process.id, "clause_id": clause.id}
    item = await programme_records.item(
        programme,
        site_id=site.id,
        planned_month=date(2028, 5, 1),
        risk=ProgrammeItemRisk.HIGH,
        note="Labels",
        **where,
    )
    await programme_records.audit(AuditStatus.CLOSED, programme_item_id=item.id, title="Walk")
    other = await programme_records.programme()
    await programme_records.item(other)
    boss = company.owner.id
    programme_filters: list[dict[str, Any]] = [
        {"id": {"eq": programme.public_id}},
        {"reference": {"eq": programme.reference}},
        {"title": {"contains": "ONE"}},
        {"status": {"in": ["CLOSED"]}},
        {"periodStartOn": {"gte": "2028-01-01"}},
        {"periodEndOn": {"gt": "2027-12-31"}},
        {"closedOn": {"isNull": False}},
        {"approvedOn": {"isNull": False}},
        {"approvedById": {"eq": boss}},
        {"ownerId": {"eq": lead.id}},
        {"owner": {"role": {"eq": "LEAD_AUDITOR"}}},
        {"standards": {"some": {"id": {"eq": f"std_{clause.standard_id.hex}"}}}},
        {"items": {"some": {"risk": {"eq": "HIGH"}}}},
        {"items": {"some": {"audits": {"some": {"title": {"eq": "Walk"}}}}}},
        {"not": {"method": {"eq": "REMOTE"}}, "status": {"eq": "CLOSED"}},
    ]
    item_filters: list[dict[str, Any]] = [
        {"programmeId": {"eq": programme.public_id}},
        {"programme": {"status": {"eq": "CLOSED"}}},
        {"plannedMonth": {"gte": "2028-05-01"}},
        {"risk": {"eq": "HIGH"}},
        {"note": {"startsWith": "Lab"}},
        {"clauseId": {"eq": clause.public_id}},
        {"clause": {"number": {"eq": "1"}}},
        {"siteId": {"eq": site.public_id}},
        {"site": {"code": {"eq": "X"}}},
        {"departmentId": {"eq": unit.public_id}},
        {"processId": {"eq": process.public_id}},
        {"process": {"id": {"eq": process.public_id}}},
        {"audits": {"some": {"status": {"eq": "CLOSED"}}}},
    ]
    for root, row, several in (
        ("auditProgrammes", programme, programme_filters),
        ("programmeItems", item, item_filters),
    ):
        kind = "AuditProgrammeFilter" if root == "auditProgrammes" else "ProgrammeItemFilter"
        document = f"query ($f: {kind}) {{ {root}(filter: $f) {{ totalCount nodes {{ id }} }} }}"
        for one in several:
            page = (await api.ask(document, f=one))[root]
            assert texts(page["nodes"], "id") == [row.public_id], one
            assert page["totalCount"] == 1


async def test_every_order_runs_both_ways(api: Client, programme_records: ProgrammeRecords) -> None:
    async with programme_records.together():
        await fill(programme_records, 4)
    for root, kind, fields in (
        (
            "auditProgrammes",
            "AuditProgrammeOrder",
            "REFERENCE TITLE STATUS PERIOD_START_ON PERIOD_END_ON APPROVED_ON CLOSED_ON UPDATED_AT",
        ),
        ("programmeItems", "ProgrammeItemOrder", "PLANNED_MONTH RISK DROPPED_ON CREATED_AT"),
    ):
        document = f"query ($o: [{kind}!]) {{ {root}(orderBy: $o) {{ nodes {{ id }} }} }}"
        for name in fields.split():
            ways = []
            for direction in ("ASC", "DESC"):
                data = await api.ask(document, o=[{"field": name, "direction": direction}])
                ways.append(texts(data[root]["nodes"], "id"))
            assert ways[0] == ways[1][::-1], name


async def test_a_programme_is_talked_about_and_leaves_a_trail(
    api: Client, programme_records: ProgrammeRecords
) -> None:
    row = await programme_records.programme()
    said = {"subjectId": row.public_id, "body": "Why not the lab?"}
    payload = await api.do("commentCreate", "comment { subject { id } }", **said)
    assert payload["comment"] == {"subject": {"id": row.public_id}}
    proof = {"subjectId": row.public_id, "title": "Risks", "kind": "LINK"}
    proof |= {"url": "https://files.example/risks", "effectiveOn": "2026-11-20"}
    assert (await api.do("evidenceItemCreate", "__typename", **proof))["errors"] == []
    data = await api.ask(
        """query ($id: ID!) { auditProgramme(by: {id: $id}) { comments { totalCount }
        evidence { totalCount } history { nodes { action } } } }""",
        id=row.public_id,
    )
    assert data["auditProgramme"]["comments"] == {"totalCount": 1}
    assert data["auditProgramme"]["evidence"] == {"totalCount": 1}
    assert len(data["auditProgramme"]["history"]["nodes"]) == 1
