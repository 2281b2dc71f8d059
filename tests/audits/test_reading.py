"""Reading audits costs the same however many there are, and shows employees what concerns them."""

from typing import Any
from uuid import UUID

import pytest

from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import Finding, FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.standards.model import Clause, Standard
from tests import factories
from tests.audits.asking import read, take
from tests.audits.audit_records import DAY, AuditRecords, Checklist, asked
from tests.company import Client, Company

MANY = 22
SIZES = (2, 2, 12, MANY)  # who asks is looked up the first time
LEVELS = 20  # a statement for all rows of each, however many they are
PEOPLE = "leadAuditor { name } reviewedBy { name } team { role user { name } } auditees { name }"
FINDINGS = """findings(first: %d) { totalCount nodes { reference grade status
    primaryClause { clause { number standard { code } } } owner { name }
    actions(first: 5) { totalCount nodes { title owner { name } } } } }"""
REGISTERS = {
    "register": f"""audits(first: %d) {{ totalCount nodes {{ reference status title
        plannedStartOn scorePct result site {{ code }} department {{ code }} process {{ code }}
        templateVersion {{ number template {{ name }} }} {PEOPLE} standards {{ code }}
        viewerCanUpdate viewerCanRecordResponses viewerCanOverrideScore }} }}""",
    "nested": f"audits(first: %d) {{ nodes {{ reference {FINDINGS % 5} }} }}",
    "sheets": """audits(first: %d) { nodes { clauses { nodes { clause { number } } }
        responses(first: 5) { nodes { value { verdict } isFailed question { text }
        answeredBy { name } findings { totalCount } attachments { totalCount } } }
        sampleSets { nodes { items(first: 5) { nodes { position } } } } } }""",
    # A report has lists of up to 500 rows: more than 12 of them in full cost too much.
    "reports": """audits(first: %d) { nodes { report { team { name } auditees clauses
        sections { pct } findings { total } leadAuditor
        reviewer findingList { reference clause } signatures { name } samples { recorded }
        failures { text } unanswered { text } } } }""",
    "steps": """audits(first: %d) { nodes { availableTransitions { name isAllowed
        blockers { code } } } }""",
    "answers": """auditResponses(first: %d) { totalCount nodes { audit { reference }
        question { text section { title } } answeredBy { name } } }""",
    "team": "auditTeamMembers(first: %d) { nodes { role user { name } audit { reference } } }",
    "items": "sampleItems(first: %d) { nodes { sampleSet { audit { reference } } } }",
}


async def _write(
    audit_records: AuditRecords, audit: Audit, checklist: Checklist, clause: Clause, **of: Any
) -> None:
    """Give an audit an answer with a finding that has actions, and a sample."""
    answered = await audit_records.answer(audit, checklist.questions[0], "NO")
    finding = await audit_records.finding(audit, clause=clause, response_id=answered.id, **of)
    await _act(audit_records, finding)
    async with audit_records.working() as work:
        sample = await work.add(factories.sample_set(audit.id))
        await work.add(factories.sample_item(sample.id))


async def _act(audit_records: AuditRecords, finding: Finding) -> None:
    facts: dict[str, Any] = {
        "owner_id": audit_records.company.owner.user_id,
        "finding_id": finding.id,
    }
    async with audit_records.working() as work:
        await work.add(*[factories.action(title=str(number), **facts) for number in range(2)])


@pytest.fixture
async def audit(company: Company, audit_records: AuditRecords) -> Audit:
    """One of many audits, in review, and itself with many findings."""
    lead, eve = [await company.hire(role) for role in (Role.LEAD_AUDITOR, Role.EMPLOYEE)]
    async with audit_records.together():
        clause, checklist = (
            await audit_records.clause(),
            await audit_records.checklist(asked(), asked()),
        )
        unit, process = await audit_records.department(), await audit_records.process(eve.user_id)
        where = {"department_id": unit.id, "process_id": process.id}
        team, auditees = [(lead.user_id, "LEAD")], [eve.user_id]
        for number in range(MANY):
            status = (AuditStatus.IN_PROGRESS, AuditStatus.IN_REVIEW)[number % 2]
            row = await audit_records.audit(
                status, team=team, auditees=auditees, checklist=checklist, clause=clause, **where
            )
            await _write(audit_records, row, checklist, clause)
        for _ in range(MANY):
            await _act(audit_records, await audit_records.finding(row, clause=clause))
    return row


async def test_statements_do_not_grow_with_the_audits(api: Client, audit: Audit) -> None:
    for name, shape in REGISTERS.items():
        counts = []
        for size in SIZES[:-1] if name == "reports" else SIZES:
            await api.ask(f"{{ {shape % size} }}")
            counts.append(len(api.statements))
        assert max(counts) <= LEVELS, (name, counts)


async def test_statements_do_not_grow_with_the_findings(api: Client, audit: Audit) -> None:
    counts = []
    for size in SIZES:
        document = f"query ($id: ID!) {{ audit(by: {{id: $id}}) {{ title {FINDINGS % size} }} }}"
        findings = (await api.ask(document, id=audit.public_id))["audit"]["findings"]
        counts.append(len(api.statements))
        assert (len(findings["nodes"]), findings["totalCount"]) == (size, MANY + 1)
        for row in findings["nodes"]:
            assert (row["owner"], row["actions"]["totalCount"]) == ({"name": "Owner"}, 2)
            assert row["primaryClause"]["clause"]["number"] == "1"
    _, few, many, most = counts
    assert few == many == most <= 5


async def test_an_employee_sees_the_audits_that_concern_them(
    company: Company, audit_records: AuditRecords
) -> None:
    """And of these everything but the findings of others."""
    eve, max_ = [await company.hire(Role.EMPLOYEE) for _ in range(2)]
    lead = await company.hire(Role.LEAD_AUDITOR)
    clause, checklist = (
        await audit_records.clause(),
        await audit_records.checklist(asked(), asked()),
    )
    placed: dict[str, tuple[list[tuple[UUID, str]], list[UUID]]] = {
        "audited": ([], [eve.user_id]),
        "on the team": ([(eve.user_id, "EXPERT")], []),
        "neither": ([(max_.user_id, "OBSERVER")], [max_.user_id]),
    }
    audits = {}
    for title, (members, auditees) in placed.items():
        team = [(lead.user_id, "LEAD"), *members]
        facts: dict[str, Any] = {"checklist": checklist, "clause": clause, "title": title}
        audits[title] = await audit_records.audit(
            AuditStatus.IN_PROGRESS, team=team, auditees=auditees, **facts
        )
        owner = eve.user_id if title == "audited" else max_.user_id
        await _write(audit_records, audits[title], checklist, clause, owner_id=owner)
    of_audit = "nodes { audit { title } }"
    shown = f"""{{ audits {{ nodes {{ title }} }} auditResponses {{ {of_audit} }}
        auditTeamMembers {{ {of_audit} }} auditAuditees {{ {of_audit} }}
        auditClauses {{ {of_audit} }} sampleSets {{ {of_audit} }} findings {{ {of_audit} }}
        sampleItems {{ nodes {{ sampleSet {{ audit {{ title }} }} }} }} }}"""
    async with eve.signed_in() as api:
        pages = await api.ask(shown)
        titles = {name: {_title(row) for row in page["nodes"]} for name, page in pages.items()}
        mine = {"audited", "on the team"}
        expected = dict.fromkeys(pages, mine) | {"auditAuditees": {"audited"}}
        assert titles == expected | {"findings": {"audited"}}
        hidden = audits["neither"].public_id
        document = """query ($id: ID!) { node(id: $id) { id } audit(by: {id: $id}) { id }
            audits(filter: {id: {eq: $id}}) { totalCount } }"""
        nothing = {"node": None, "audit": None, "audits": {"totalCount": 0}}
        assert await api.ask(document, id=hidden) == nothing
        per_audit = "{ audits { nodes { title findings { totalCount } } } }"
        counts = {
            row["title"]: row["findings"]["totalCount"]
            for row in (await api.ask(per_audit))["audits"]["nodes"]
        }
        assert counts == {"audited": 1, "on the team": 0}


async def test_a_report_tells_who_when_and_what_was_found(
    company: Company, audit_records: AuditRecords
) -> None:
    """Its findings to employees only as far as these are theirs; a reason only without one."""
    lead, kim = [
        await company.hire(role, name=name)
        for role, name in ((Role.LEAD_AUDITOR, "Lea"), (Role.QUALITY_MANAGER, "Kim"))
    ]
    eve = await company.hire(Role.EMPLOYEE)
    clause, checklist = (
        await audit_records.clause(),
        await audit_records.checklist(asked(), asked()),
    )
    audit = await audit_records.audit(
        AuditStatus.FIELDWORK_DONE,
        checklist=checklist,
        team=[(lead.user_id, "LEAD")],
        auditees=[eve.user_id],
        started_at=clock.now(),
    )
    reason = {"no_finding_reason": "Known."}
    one, _ = [
        await audit_records.answer(audit, question, "NO", **reason)
        for question in checklist.questions
    ]
    finding = await audit_records.finding(audit, clause=clause, response_id=one.id)
    seen = await audit_records.finding(audit, owner_id=eve.user_id)
    await audit_records.finding(audit, FindingStatus.VOID)
    async with lead.signed_in() as api:
        await take(api, "auditSubmit", audit)
    async with kim.signed_in() as api:
        await take(api, "auditIssueReport", await audit_records.now(audit))
        shown = """startedAt completedAt reportedOn
            report { plannedStartOn plannedEndOn startedAt completedAt reportedOn closedOn
            leadAuditor reviewer conclusion team { name } failures { text noFindingReason }
            findings { grade total } findingList { reference grade title status clause }
            signatures { name meaning signedAt } }"""
        whole = await read(api, audit, shown)
    report = whole.pop("report")
    assert {name: report[name] for name in whole} == whole
    assert None not in whole.values()
    days = (report["plannedStartOn"], report["plannedEndOn"], report["closedOn"])
    assert days == (str(DAY), str(DAY), None)
    people = (report["leadAuditor"], report["reviewer"], report["team"])
    assert people == ("Lea", "Kim", [{"name": "Lea"}])
    assert report["conclusion"] == "CONFORM"
    signed = [(row["name"], row["meaning"]) for row in report["signatures"]]
    assert signed == [("Lea", "AUTHORED"), ("Kim", "REVIEWED")]
    reasons = [row["noFindingReason"] for row in report["failures"]]
    assert reasons == [None, "Known."]
    async with audit_records.working() as work:
        code = (await work.get(Standard, clause.standard_id)).code
    same = {"title": "A gauge without a label", "status": "OPEN"}
    theirs = same | {"reference": seen.reference, "grade": "OBSERVATION", "clause": None}
    others = same | {"reference": finding.reference, "grade": "MINOR", "clause": f"{code} 1 Rule"}
    assert report["findingList"] == [others, theirs]
    assert sum(row["total"] for row in report["findings"]) == 2
    async with eve.signed_in() as api:
        shown = "report { findings { total } findingList { reference } }"
        report = (await read(api, audit, shown))["report"]
    assert report["findingList"] == [{"reference": seen.reference}]
    assert sum(row["total"] for row in report["findings"]) == 1


def _title(row: Any) -> str:
    while "title" not in row:
        row = next(iter(row.values()))
    title: str = row["title"]
    return title
