"""Findings drafted from what fails, and findings by hand that take their place."""

from datetime import timedelta
from typing import Any

import pytest

from qgp.audits.model import Audit, AuditClause
from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import FindingSource, FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.standards.model import Standard
from qgp.standards.model.terms import StandardStatus
from qgp.templates.model import QuestionClause, TemplateVersion
from qgp.templates.model.terms import TemplateVersionStatus
from tests.audits.asking import blockers, done, errors_of, read, take
from tests.audits.audit_records import DAY, AuditRecords, Checklist, asked
from tests.company import Client, Company, Person
from tests.evidence import unchanged
from tests.matrix import role_cases

QUALITY = {Role.OWNER, Role.ADMIN, Role.QUALITY_MANAGER}
WANTS: dict[str, Any] = {"is_finding_created_on_fail": True, "fail_grade": FindingGrade.MAJOR}
NONCONFORMING = "Nonconforming answer:"
CODE = "ON_FAIL_ACTIONS_DONE"
WHOLE = """findings { nodes { grade sourceType status title statement evidenceText detectedOn
    detectedBy { id } owner { id } site { id } department { id } process { id }
    response { id } clauses { isPrimary clause { id } } } }"""
COUNT = "audit { version findings { totalCount } }"


@pytest.fixture
async def lead(company: Company) -> Person:
    """A lead auditor."""
    return await company.hire(Role.LEAD_AUDITOR)


async def about(audit_records: AuditRecords, checklist: Checklist, *clauses: Any) -> None:
    """Let the first question of a draft ask after clauses, and publish it."""
    async with audit_records.working() as work:
        for clause in clauses:
            link = {"question_id": checklist.questions[0].id, "clause_id": clause.id}
            await work.add(QuestionClause(**link))
        version = await work.get(TemplateVersion, checklist.version.id)
        version.enter(TemplateVersionStatus.PUBLISHED)
        await work.change(version, {"published_on": DAY})


def at(audit: Audit, **more: Any) -> dict[str, Any]:
    return {"id": audit.public_id, "expectedVersion": audit.version, **more}


async def test_a_required_finding_is_not_graded_down_between_fieldwork_and_submission(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Nor voided: the failing answer still has what its question requires."""
    checklist = await audit_records.checklist(asked(**WANTS))
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, checklist=checklist, team=team)
    response = await audit_records.answer(audit, checklist.questions[0], "NO")
    clause = await audit_records.clause()
    of_response = {"grade": FindingGrade.MAJOR, "response_id": response.id, "clause": clause}
    finding = await audit_records.finding(audit, **of_response)
    async with lead.signed_in() as api:
        for version, grade in ((1, "MINOR"), (2, "MAJOR")):
            regrading = {"id": finding.public_id, "expectedVersion": version, "reason": "Misread."}
            await done(api, "findingRegrade", "finding { id }", **regrading, grade=grade)
            payload = await take(api, "auditSubmit", audit)
            if grade == "MINOR":
                assert blockers(payload) == [(CODE, response.public_id)]
        assert payload["audit"]["status"] == "IN_REVIEW"


async def test_each_failing_answer_whose_question_asks_for_it_gets_a_finding(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Once, however often it is asked for; the audit itself stays as it is."""
    draft = TemplateVersionStatus.DRAFT
    long = "Is every gauge\nlabelled? " + "x" * 200
    checklist = await audit_records.checklist(
        asked(**WANTS, text=long), asked(**WANTS), asked(), asked(**WANTS), status=draft
    )
    first, second, gone, covered = [await audit_records.clause() for _ in range(4)]
    await audit_records.change(gone, withdrawn_at=clock.now())
    expired = await audit_records.clause()
    async with audit_records.working() as work:
        standard = await work.get(Standard, expired.standard_id)
        standard.enter(StandardStatus.SUPERSEDED)
        await work.change(standard, {"transition_deadline": clock.today() - timedelta(1)})
    await about(audit_records, checklist, expired, gone, first, second)
    unit, process = (
        await audit_records.department(),
        await audit_records.process(company.owner.user_id),
    )
    eve = await company.hire(Role.EMPLOYEE)
    where = {"department_id": unit.id, "process_id": process.id}
    audit = await audit_records.audit(
        AuditStatus.IN_PROGRESS,
        checklist=checklist,
        clause=covered,
        team=[(lead.user_id, "LEAD")],
        auditees=[eve.user_id],
        **where,
    )
    one, two, three, _ = checklist.questions
    said = "Gauge 4 has none."
    failing = [
        await audit_records.answer(audit, one, "NO", comment=said),
        await audit_records.answer(audit, two, "NO"),
    ]
    await audit_records.answer(audit, three, "NO")
    async with lead.signed_in() as api:
        payload = await done(api, "auditFindingsDraft", COUNT, **at(audit))
        assert payload["audit"] == {"version": audit.version, "findings": {"totalCount": 2}}
        findings = (await read(api, audit, WHOLE))["findings"]["nodes"]
        async with unchanged(company):
            again = await done(api, "auditFindingsDraft", COUNT, **at(audit))
            assert again["audit"]["findings"]["totalCount"] == 2
    same = {
        "grade": "MAJOR",
        "sourceType": "AUDIT",
        "status": "DRAFT",
        "detectedOn": str(clock.today()),
        "detectedBy": {"id": lead.id},
        "owner": {"id": eve.id},
        "site": None,
        "department": {"id": unit.public_id},
        "process": {"id": process.public_id},
    }
    by_answer = {row.pop("response")["id"]: row for row in findings}
    line = " ".join(long.split())
    assert by_answer[failing[0].public_id] == same | {
        "title": f"Nonconforming answer: {line[:177]}…",
        "statement": None,
        "evidenceText": said,
        "clauses": [
            {"isPrimary": True, "clause": {"id": first.public_id}},
            {"isPrimary": False, "clause": {"id": second.public_id}},
        ],
    }
    assert by_answer[failing[1].public_id] == same | {
        "title": "Nonconforming answer: Question 2?",
        "statement": None,
        "evidenceText": None,
        "clauses": [{"isPrimary": True, "clause": {"id": covered.public_id}}],
    }


async def test_nobody_in_particular_owns_what_several_were_audited_for(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    """And each run of a section has a finding of its own."""
    part = {"is_repeatable": True, "max_repeats": 3}
    checklist = await audit_records.checklist(asked(**WANTS), sections=(part,))
    guests = [await company.hire(Role.EXTERNAL_AUDITOR), await company.hire(Role.EMPLOYEE)]
    for auditees in ([], [guests[0].user_id], [guest.user_id for guest in guests]):
        audit = await audit_records.audit(
            AuditStatus.IN_PROGRESS, checklist=checklist, auditees=auditees
        )
        for run in range(2):
            await audit_records.answer(audit, checklist.questions[0], "NO", repeat_index=run)
        await done(api, "auditFindingsDraft", COUNT, **at(audit))
        shown = "findings { nodes { title owner { id } clauses { isPrimary } } }"
        assert (await read(api, audit, shown))["findings"]["nodes"] == [
            {"title": title, "owner": None, "clauses": []}
            for title in (f"{NONCONFORMING} Question 1?", f"{NONCONFORMING} Question 1? (run 2)")
        ]


async def test_a_finding_by_hand_does_if_it_weighs_enough_and_comes_from_the_audit(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    wants = WANTS | {"fail_grade": FindingGrade.MINOR}
    checklist = await audit_records.checklist(asked(**wants))
    cases = {
        (FindingGrade.MAJOR, FindingSource.AUDIT, FindingStatus.DRAFT): True,
        (FindingGrade.MINOR, FindingSource.AUDIT, FindingStatus.OPEN): True,
        (FindingGrade.MINOR, FindingSource.AUDIT, FindingStatus.VOID): False,
        (FindingGrade.OBSERVATION, FindingSource.AUDIT, FindingStatus.DRAFT): False,
        (FindingGrade.GOOD_PRACTICE, FindingSource.AUDIT, FindingStatus.DRAFT): False,
        (FindingGrade.MAJOR, FindingSource.COMPLAINT, FindingStatus.DRAFT): False,
    }
    for (grade, source, status), will_do in cases.items():
        team = [(lead.user_id, "LEAD")]
        audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
        row = await audit_records.answer(audit, checklist.questions[0], "NO")
        facts = {"grade": grade, "source_type": source, "response_id": row.id}
        await audit_records.finding(audit, status, **facts)
        if will_do:
            async with unchanged(company):
                await done(api, "auditFindingsDraft", COUNT, **at(audit))
        else:
            async with unchanged(company):
                refused = await take(api, "auditCompleteFieldwork", audit)
                assert blockers(refused) == [(CODE, row.public_id)]
            (blocker,) = refused["errors"][0]["blockers"]
            assert "(auditFindingsDraft)" in blocker["message"]
            assert "source AUDIT or CERT_AUDIT, graded MINOR or heavier" in blocker["message"]
            payload = await done(api, "auditFindingsDraft", COUNT, **at(audit))
            assert payload["audit"]["findings"]["totalCount"] == 2
        payload = await take(api, "auditCompleteFieldwork", audit)
        assert payload["audit"]["status"] == "FIELDWORK_DONE", (grade, source, status)


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
@pytest.mark.parametrize("place", [None, "AUDITOR", "OBSERVER"])
async def test_what_the_viewer_can_is_what_happens(
    shared_audit_records: AuditRecords, role: Role, place: str | None
) -> None:
    person = await shared_audit_records.company.hire(role)
    checklist = await shared_audit_records.checklist(asked(**WANTS))
    team = [] if place is None else [(person.user_id, place)]
    may_ever = role not in {Role.SUPPLIER_CONTACT, Role.EXTERNAL_AUDITOR}
    sees = role is not Role.SUPPLIER_CONTACT and (bool(team) or role is not Role.EMPLOYEE)
    async with person.signed_in() as api:
        for status in AuditStatus:
            audit = await shared_audit_records.audit(status, checklist=checklist, team=team)
            await shared_audit_records.answer(audit, checklist.questions[0], "NO")
            is_time = status in {"IN_PROGRESS", "FIELDWORK_DONE"}
            may = may_ever and is_time and (role in QUALITY or place == "AUDITOR")
            if sees:
                shown = await read(api, audit, "viewerCanDraftFindings")
                assert shown == {"viewerCanDraftFindings": may}
            if not may_ever:
                document = """mutation ($i: AuditFindingsDraftInput!) {
                    auditFindingsDraft(input: $i) { errors { code } } }"""
                async with unchanged(shared_audit_records.company):
                    assert await api.refusal(document, i=at(audit)) == "FORBIDDEN"
                continue
            if may:
                payload = await done(api, "auditFindingsDraft", "audit { status }", **at(audit))
                assert payload["audit"] == {"status": status}
                continue
            async with unchanged(shared_audit_records.company):
                payload = await api.do("auditFindingsDraft", **at(audit))
            code = "FORBIDDEN" if is_time else "BAD_USER_INPUT"
            assert errors_of(payload) == [(code if sees else "NOT_FOUND", "id")]


async def test_a_stale_version_and_a_second_key_draft_nothing(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    checklist = await audit_records.checklist(asked(**WANTS))
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist)
    row = await audit_records.answer(audit, checklist.questions[0], "NO")
    async with unchanged(company):
        stale = await api.do("auditFindingsDraft", **at(audit, expectedVersion=7))
        assert errors_of(stale) == [("STALE_VERSION", "expectedVersion")]
    arguments = at(audit, idempotencyKey="once")
    first = await done(api, "auditFindingsDraft", COUNT, **arguments)
    async with unchanged(company):
        assert await done(api, "auditFindingsDraft", COUNT, **arguments) == first
    other = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist)
    async with unchanged(company):
        reused = await api.do("auditFindingsDraft", **at(other, idempotencyKey="once"))
        assert [code for code, _ in errors_of(reused)] == ["IDEMPOTENCY_KEY_REUSED"]
    assert first["audit"]["findings"]["totalCount"] == 1
    assert (await audit_records.now(row)).version == row.version


async def test_a_finding_takes_over_what_its_answer_and_audit_tell(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    """Where it does not say so itself: the clauses of the question, the places of the audit."""
    checklist = await audit_records.checklist(asked(), asked(), status=TemplateVersionStatus.DRAFT)
    first, second, covered, chosen = [await audit_records.clause() for _ in range(4)]
    await about(audit_records, checklist, first, second)
    unit, other = await audit_records.department(), await audit_records.department()
    audit = await audit_records.audit(
        AuditStatus.IN_PROGRESS, checklist=checklist, clause=covered, department_id=unit.id
    )
    rows = [await audit_records.answer(audit, question, "NO") for question in checklist.questions]
    arguments = {"grade": "MINOR", "sourceType": "AUDIT", "title": "x"}
    cases: list[tuple[dict[str, Any], list[Any], Any]] = [
        ({"responseId": rows[0].public_id}, [first, second], unit),
        ({"responseId": rows[1].public_id}, [covered], unit),
        ({"auditId": audit.public_id, "departmentId": other.public_id}, [covered], other),
        ({"responseId": rows[0].public_id, "primaryClauseId": chosen.public_id}, [chosen], unit),
        (
            {"responseId": rows[0].public_id, "clauseIds": [first.public_id, chosen.public_id]},
            [first, chosen],
            unit,
        ),
        ({}, [], None),
    ]
    shown = "finding { department { id } clauses { isPrimary clause { id } } }"
    for more, named, where in cases:
        finding = (await done(api, "findingCreate", shown, **arguments, **more))["finding"]
        assert finding["department"] == (where and {"id": where.public_id})
        assert [row["clause"]["id"] for row in finding["clauses"]] == [c.public_id for c in named]
        assert [row["isPrimary"] for row in finding["clauses"]] == [
            n == 0 for n in range(len(named))
        ]
    async with audit_records.working() as work:
        link = {"audit_id": audit.id, "clause_id": chosen.id}
        await work.add(AuditClause(**link))
    plain = {"auditId": audit.public_id, "detectedOn": str(clock.today() - timedelta(1))}
    finding = (await done(api, "findingCreate", shown, **arguments, **plain))["finding"]
    assert finding["clauses"] == []  # of several none is the obvious one
