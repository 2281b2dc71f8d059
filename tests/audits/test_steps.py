"""The steps of an audit, what each waits for, and what comes with it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import sqlalchemy as sa

from qgp.audits.facts import scoring
from qgp.audits.facts.checklists import AuditChecklist, checklist_of_audit
from qgp.audits.model import Audit
from qgp.audits.model.terms import AuditStatus
from qgp.findings.model import FindingStatus
from qgp.kit import clock
from qgp.kit.policy import Role
from qgp.kit.shared_terms import FindingGrade
from qgp.kit.status_history import StatusEvent
from qgp.templates.model.terms import QuestionCriticality, ScoringMethod
from tests.audits.asking import SIGNED, answer, blockers, done, errors_of, read, respond, take
from tests.audits.audit_records import AuditRecords, asked
from tests.company import Client, Company, Person, subject_id
from tests.evidence import unchanged

REVIEWS: dict[str, dict[str, Any]] = {"auditIssueReport": {}, "auditReturn": {"reason": "x"}}
SCORE = "status rawScore maxScore scorePct result scoreHash completedAt"
STEPS = "availableTransitions { name to isAllowed requiresReason blockers { code subject { id } } }"


@pytest.fixture
async def lead(company: Company) -> Person:
    """A lead auditor."""
    return await company.hire(Role.LEAD_AUDITOR)


async def offered(api: Client, audit: Audit, step: str) -> list[tuple[str, str | None]]:
    """Return what is announced to be in the way of a step, but for the signature to come."""
    shown = (await read(api, audit, STEPS))["availableTransitions"]
    (option,) = [option for option in shown if option["name"] == step]
    codes = [(blocker["code"], subject_id(blocker)) for blocker in option["blockers"]]
    if step in SIGNED:
        codes.remove(("SIGNATURE", audit.public_id))
    return codes


async def test_an_audit_is_announced_with_days_lead_scope_and_subject(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    bare: dict[str, Any] = {"scope": None, "planned_start_on": None, "planned_end_on": None}
    audit = await audit_records.audit(**bare)
    mine = audit.public_id
    missing = [(code, mine) for code in ("DATES", "LEAD", "SCOPE", "CLAUSE_OR_TEMPLATE")]
    assert await offered(api, audit, "auditSchedule") == missing
    async with unchanged(company):
        assert blockers(await take(api, "auditSchedule", audit)) == missing
    clause = await audit_records.clause()
    arguments: dict[str, Any] = {"plannedStartOn": "2027-03-01", "plannedEndOn": "2027-03-02"}
    arguments["scope"] = "Gauges."
    arguments |= {"leadAuditorId": lead.id, "clauseIds": [clause.public_id]}
    await done(api, "auditUpdate", id=mine, expectedVersion=1, **arguments)
    assert await offered(api, audit, "auditSchedule") == []
    payload = await take(api, "auditSchedule", await audit_records.now(audit))
    assert payload["audit"]["status"] == "SCHEDULED"


async def test_a_checklist_is_subject_enough(
    api: Client, audit_records: AuditRecords, company: Company
) -> None:
    checklist = await audit_records.checklist(asked())
    audit = await audit_records.audit(checklist=checklist, team=[(company.owner.user_id, "LEAD")])
    assert await offered(api, audit, "auditSchedule") == []


async def test_what_is_required_and_shows_has_to_be_answered(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    hides = (0, "EQ", "YES")
    checklist = await audit_records.checklist(
        asked(),
        asked(is_required=True),
        asked(is_required=True, visible_if=hides),
        asked(part=1, is_required=True),
        sections=({}, {"is_repeatable": True, "max_repeats": 3}),
    )
    first, second, third, last = checklist.questions
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    step = "auditCompleteFieldwork"
    async with lead.signed_in() as api:
        code = "REQUIRED_ANSWERED"
        open_ones = [(code, second.public_id), (code, last.public_id)]
        assert await offered(api, audit, step) == open_ones
        async with unchanged(company):
            assert blockers(await take(api, step, audit)) == open_ones
        await respond(api, audit, answer(first, value="YES"), answer(last, value="YES"))
        open_ones = [(code, second.public_id), (code, third.public_id)]
        assert await offered(api, audit, step) == open_ones
        await respond(
            api, audit, answer(second, isNa=True, naReason="x"), answer(third, value="YES")
        )
        assert await offered(api, audit, step) == []
        payload = await take(api, step, audit)
        assert payload["audit"]["status"] == "FIELDWORK_DONE"


async def test_a_failing_answer_has_what_its_question_asks_for(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """A comment, a finding, an action: ON_FAIL_ACTIONS_DONE."""
    fails = {"is_finding_created_on_fail": True, "fail_grade": FindingGrade.MINOR}
    checklist = await audit_records.checklist(
        asked(**fails, is_action_required_on_fail=True),
        asked(),
        is_comment_required_on_fail=True,
    )
    first, second = checklist.questions
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    step, code = "auditCompleteFieldwork", "ON_FAIL_ACTIONS_DONE"
    async with lead.signed_in() as api:
        results = await respond(api, audit, answer(first, value="NO"), answer(second, value="NO"))
        one, two = [result["auditResponse"]["id"] for result in results]
        assert await offered(api, audit, step) == [(code, one), (code, two)]
        said = {"comment": "Gauge 4."}
        await respond(
            api, audit, answer(first, 2, value="NO", **said), answer(second, 2, value="NO", **said)
        )
        assert await offered(api, audit, step) == [(code, one)]
        arguments = {"grade": "MINOR", "sourceType": "AUDIT", "title": "x", "responseId": one}
        shown = "finding { id audit { id } response { id } }"
        finding = (await done(api, "findingCreate", shown, **arguments))["finding"]
        assert (finding["audit"]["id"], finding["response"]["id"]) == (audit.public_id, one)
        assert await offered(api, audit, step) == [(code, one)]
        async with unchanged(company):
            assert blockers(await take(api, step, audit)) == [(code, one)]
        due: dict[str, Any] = {
            "dueOn": "2027-01-01",
            "kind": "CORRECTION",
            "ownerId": company.owner.id,
        }
        due |= {"priority": "LOW", "isVerificationRequired": False}
        task = {"title": "Label it", "findingId": finding["id"], **due}
        await done(api, "actionCreate", "action { id }", **task)
        assert await offered(api, audit, step) == []


async def test_the_score_is_computed_when_the_fieldwork_is_done(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    checklist = await audit_records.checklist(
        asked(weight=Decimal(3)),
        asked("CONFORMITY", max_score=Decimal(10)),
        asked(weight=Decimal(50)),
        asked(part=1, weight=Decimal(1)),
        sections=({"weight": Decimal(1)}, {"weight": Decimal(3), "title": "Store"}),
    )
    a, b, c, d = checklist.questions
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    async with lead.signed_in() as api:
        said = [
            answer(a, value="YES"),
            answer(b, value="MINOR"),
            answer(c, isNa=True, naReason="x"),
        ]
        await respond(api, audit, *said, answer(d, value="YES"))
        await take(api, "auditCompleteFieldwork", audit)
        record = await read(api, audit, SCORE)
        # by hand, first: 3*1 + 1*5/10 of 4 are 0.875; audit: 1*0.875 + 3*1 of 4 are 0.96875
        assert (record["scorePct"], record["result"]) == ("96.88", "PASS")
        assert (record["rawScore"], record["maxScore"]) == ("7", "12")
    async with audit_records.working() as work:
        filled: AuditChecklist = await work.load(checklist_of_audit, audit.id)
        assert record["scoreHash"] == scoring.score(filled.sheet).hash


async def test_a_critical_failure_fails_whatever_the_score_and_the_override(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    critical = {"criticality": QuestionCriticality.CRITICAL}
    checklist = await audit_records.checklist(asked(weight=Decimal(99)), asked(**critical))
    audit = await audit_records.audit(
        AuditStatus.IN_PROGRESS, checklist=checklist, team=[(company.owner.user_id, "LEAD")]
    )
    a, b = checklist.questions
    await respond(api, audit, answer(a, value="YES"), answer(b, value="NO"))
    await take(api, "auditCompleteFieldwork", audit)
    record = await read(api, audit, SCORE)
    assert (record["scorePct"], record["result"]) == ("99", "FAIL")
    arguments = {"id": audit.public_id, "overriddenPct": "100", "reason": "The rule is wrong."}
    shown = "audit { overriddenPct overrideReason result overriddenBy { id } }"
    now = (await audit_records.now(audit)).version
    payload = await done(api, "auditScoreOverride", shown, expectedVersion=now, **arguments)
    assert payload["audit"] == {
        "overriddenPct": "100",
        "overrideReason": "The rule is wrong.",
        "result": "FAIL",
        "overriddenBy": {"id": company.owner.id},
    }


async def test_the_result_follows_an_overridden_score(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    checklist = await audit_records.checklist(asked(), asked())
    audit = await audit_records.audit(
        AuditStatus.IN_PROGRESS, checklist=checklist, team=[(company.owner.user_id, "LEAD")]
    )
    a, b = checklist.questions
    await respond(api, audit, answer(a, value="YES"), answer(b, value="NO"))
    arguments = {"id": audit.public_id, "overriddenPct": "60", "reason": "One gauge of many."}
    async with unchanged(company):
        early = await api.do("auditScoreOverride", expectedVersion=audit.version, **arguments)
        assert errors_of(early) == [("BAD_USER_INPUT", "id")]
    await take(api, "auditCompleteFieldwork", audit)
    async with unchanged(company):
        for pct in ("100.01", "-1", "60.001"):
            bad = {**arguments, "overriddenPct": pct, "expectedVersion": audit.version + 1}
            payload = await api.do("auditScoreOverride", **bad)
            assert errors_of(payload) == [("OUT_OF_RANGE", "overriddenPct")]
    shown, now = "audit { result scorePct overriddenPct }", audit.version + 1
    payload = await done(api, "auditScoreOverride", shown, expectedVersion=now, **arguments)
    assert payload["audit"] == {"result": "CONDITIONAL", "scorePct": "50", "overriddenPct": "60"}


async def test_nothing_measured_is_unscored(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    lead = (company.owner.user_id, "LEAD")
    unscored = await audit_records.checklist(asked(), scoring=ScoringMethod.NONE)
    for checklist, points in ((None, None), (unscored, "1")):
        audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=[lead])
        if checklist:
            await respond(api, audit, answer(checklist.questions[0], value="YES"))
        await take(api, "auditCompleteFieldwork", audit)
        record = await read(api, audit, f"{SCORE} viewerCanOverrideScore")
        assert (record["scorePct"], record["result"]) == (None, "UNSCORED")
        assert (record["maxScore"], record["viewerCanOverrideScore"]) == (points, False)
        arguments = {"id": audit.public_id, "overriddenPct": "60", "reason": "x"}
        payload = await api.do("auditScoreOverride", expectedVersion=audit.version + 1, **arguments)
        assert errors_of(payload) == [("BAD_USER_INPUT", "id")]


async def test_every_failing_answer_has_a_finding_or_a_reason(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    checklist = await audit_records.checklist(asked(), asked(), asked())
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, checklist=checklist, team=team)
    rows = [await audit_records.answer(audit, question, "NO") for question in checklist.questions]
    await audit_records.finding(audit, response_id=rows[0].id)
    await audit_records.finding(audit, FindingStatus.VOID, response_id=rows[1].id)
    code = "FAILURES_EXPLAINED"
    async with lead.signed_in() as api:
        open_ones = [(code, row.public_id) for row in rows[1:]]
        assert await offered(api, audit, "auditSubmit") == open_ones
        async with unchanged(company):
            assert blockers(await take(api, "auditSubmit", audit)) == open_ones
        for row in rows[1:]:
            at = {"id": row.public_id, "expectedVersion": row.version, "reason": "Harmless."}
            await done(api, "auditResponseJustifyNoFinding", "auditResponse { id }", **at)
        payload = await take(api, "auditSubmit", audit)
        assert payload["audit"]["status"] == "IN_REVIEW"


async def test_the_report_opens_the_draft_findings(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    clause = await audit_records.clause()
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=[(lead.user_id, "LEAD")])
    ready = await audit_records.finding(audit, clause=clause)
    lacking = await audit_records.finding(audit, owner_id=None)
    opened = await audit_records.finding(audit, FindingStatus.OPEN)
    audit = await audit_records.submit(audit)
    reviewer = await company.hire(Role.LEAD_AUDITOR)
    async with lead.signed_in() as client, unchanged(company):
        assert blockers(await take(client, "auditIssueReport", audit)) == [
            ("REVIEWER_DIFFERS", audit.public_id),
            ("FINDINGS_COMPLETE", lacking.public_id),
        ]
    async with reviewer.signed_in() as api:
        expected = [("FINDINGS_COMPLETE", lacking.public_id)]
        assert await offered(api, audit, "auditIssueReport") == expected
        async with unchanged(company):
            assert blockers(await take(api, "auditIssueReport", audit)) == expected
        await audit_records.change(lacking, owner_id=lead.user_id)
        await take(api, "auditIssueReport", audit)
        record = await read(
            api,
            audit,
            "status reportedOn reviewedBy { id } findings { nodes { id status openedOn } }",
        )
    today = str(clock.today())
    assert (record["status"], record["reportedOn"]) == ("REPORTED", today)
    assert record["reviewedBy"] == {"id": reviewer.id}
    states = {
        node["id"]: (node["status"], node["openedOn"]) for node in record["findings"]["nodes"]
    }
    assert states == {
        ready.public_id: ("OPEN", today),
        lacking.public_id: ("OPEN", today),
        opened.public_id: ("OPEN", None),
    }


async def test_what_is_submitted_is_complete(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """It has a conclusion, and its draft findings can be opened: by the reviewer, at least."""
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.FIELDWORK_DONE, team=team, conclusion=None)
    lacking = await audit_records.finding(audit, owner_id=None, statement=None)
    expected = [("FINDINGS_COMPLETE", lacking.public_id)] * 2 + [("CONCLUSION", audit.public_id)]
    async with lead.signed_in() as api:
        assert await offered(api, audit, "auditSubmit") == expected
        async with unchanged(company):
            assert blockers(await take(api, "auditSubmit", audit)) == expected
        await audit_records.change(lacking, owner_id=lead.user_id, statement="It has no label.")
        arguments: dict[str, Any] = {"id": audit.public_id, "expectedVersion": audit.version}
        await done(api, "auditUpdate", conclusion="NOT_CONFORM", **arguments)
        payload = await take(api, "auditSubmit", await audit_records.now(audit))
        assert payload["audit"]["status"] == "IN_REVIEW"


async def test_nobody_reviews_what_they_took_part_in(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """Whoever is on the team, looked on, answered and left, or overrode the score."""
    people = [await company.hire(Role.QUALITY_MANAGER) for _ in range(4)]
    auditor, observer, gone, overrode = people
    team = [(lead.user_id, "LEAD"), (auditor.user_id, "AUDITOR"), (observer.user_id, "OBSERVER")]
    checklist = await audit_records.checklist(asked())
    facts: dict[str, Any] = {
        "overridden_pct": Decimal(81),
        "override_reason": "So.",
        "score_pct": Decimal(0),
    }
    facts["overridden_by_id"] = overrode.user_id
    audit = await audit_records.audit(
        AuditStatus.IN_REVIEW, checklist=checklist, team=team, **facts
    )
    question = checklist.questions[0]
    await audit_records.answer(audit, question, "YES", answered_by_id=gone.user_id)
    expected = [("REVIEWER_DIFFERS", audit.public_id)]
    for person in (lead, *people):
        async with person.signed_in() as one, unchanged(company):
            for step, more in REVIEWS.items():
                assert await offered(one, audit, step) == expected
                refused = await take(one, step, audit, **more)
                assert blockers(refused) == expected
                (blocker,) = refused["errors"][0]["blockers"]
                message = (
                    "You took part in this audit. Its reviewer takes no part in it (ISO "
                    "19011:2018, 4 e); let another person review it."
                )
                assert blocker["message"] == message
    assert await offered(api, audit, "auditIssueReport") == []
    payload = await take(api, "auditIssueReport", audit)
    assert payload["audit"]["status"] == "REPORTED"


async def test_a_returned_audit_is_scored_anew(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    checklist = await audit_records.checklist(asked())
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    async with lead.signed_in() as client:
        await respond(client, audit, answer(checklist.questions[0], value="YES"))
        for step in ("auditCompleteFieldwork", "auditSubmit"):
            await take(client, step, await audit_records.now(audit))
        async with unchanged(company):
            payload = await take(client, "auditReturn", await audit_records.now(audit), reason="x")
            assert blockers(payload) == [("REVIEWER_DIFFERS", audit.public_id)]
    payload = await take(
        api, "auditReturn", await audit_records.now(audit), reason="Look at gauge 9."
    )
    assert payload["audit"]["status"] == "IN_PROGRESS"
    assert await read(api, audit, f"{SCORE} overriddenPct") == {
        "status": "IN_PROGRESS",
        **dict.fromkeys(("rawScore", "maxScore", "scorePct", "result", "scoreHash")),
        **dict.fromkeys(("completedAt", "overriddenPct")),
    }


async def test_an_audit_is_closed_when_its_findings_have_ended(
    company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    """And tells what the score would be with what is closed."""
    checklist = await audit_records.checklist(asked(), asked(), asked(), asked())
    team = [(lead.user_id, "LEAD")]
    audit = await audit_records.audit(AuditStatus.REPORTED, checklist=checklist, team=team)
    said = [await audit_records.answer(audit, q, "NO") for q in checklist.questions[:3]]
    await audit_records.answer(audit, checklist.questions[3], "YES")
    states = (FindingStatus.CLOSED, FindingStatus.ACCEPTED, FindingStatus.VERIFICATION)
    findings = [
        await audit_records.finding(audit, state, response_id=row.id)
        for state, row in zip(states, said, strict=True)
    ]
    expected = [("FINDINGS_TERMINAL", findings[2].public_id)]
    async with lead.signed_in() as api:
        yesterday = clock.today() - timedelta(days=1)
        await audit_records.change(findings[1], accepted_until=yesterday)
        both = [("FINDINGS_TERMINAL", finding.public_id) for finding in findings[1:]]
        assert await offered(api, audit, "auditClose") == both
        await audit_records.change(findings[1], accepted_until=clock.today())
        assert await offered(api, audit, "auditClose") == expected
        async with unchanged(company):
            assert blockers(await take(api, "auditClose", audit)) == expected
        async with audit_records.working() as work:
            row = await work.get(type(findings[2]), findings[2].id)
            row.enter(FindingStatus.CLOSED)
            await work.change(row, {"closed_on": clock.today()})
        await take(api, "auditClose", audit)
        record = await read(api, audit, "status closedOn postCapaPct")
    # 1 of 4 was met; two more are closed, the accepted one is not
    today = str(clock.today())
    assert record == {"status": "CLOSED", "closedOn": today, "postCapaPct": "75"}


async def test_findings_come_from_the_start_to_the_report(
    api: Client, company: Company, audit_records: AuditRecords
) -> None:
    checklist = await audit_records.checklist(asked())
    for status in AuditStatus:
        audit = await audit_records.audit(status, checklist=checklist)
        row = await audit_records.answer(audit, checklist.questions[0], "NO")
        takes = status in {"IN_PROGRESS", "FIELDWORK_DONE", "IN_REVIEW"}
        arguments = {"grade": "OFI", "sourceType": "AUDIT", "title": "x"}
        for more, path in (
            ({"auditId": audit.public_id}, "auditId"),
            ({"responseId": row.public_id}, "responseId"),
        ):
            payload = await api.do("findingCreate", **arguments, **more)
            code = "FORBIDDEN" if status == "REPORTED" else "BAD_USER_INPUT"
            assert errors_of(payload) == ([] if takes else [(code, path)])
    other = await audit_records.audit(AuditStatus.IN_PROGRESS)
    async with unchanged(company):
        both = {"auditId": other.public_id, "responseId": row.public_id}
        payload = await api.do("findingCreate", **arguments, **both)
        assert errors_of(payload) == [("BAD_USER_INPUT", "responseId")]


async def test_each_step_writes_a_status_event(
    api: Client, company: Company, audit_records: AuditRecords, lead: Person
) -> None:
    clause = await audit_records.clause()
    audit = await audit_records.audit(clause=clause, team=[(lead.user_id, "LEAD")])
    steps: list[tuple[str, dict[str, Any]]] = [
        ("auditSchedule", {}),
        ("auditStart", {}),
        ("auditCompleteFieldwork", {}),
        ("auditSubmit", {}),
        ("auditReturn", {"reason": "Once more."}),
        ("auditCompleteFieldwork", {}),
        ("auditSubmit", {}),
        ("auditIssueReport", {}),
        ("auditClose", {}),
    ]
    async with lead.signed_in() as client:
        for step, more in steps:
            who = client if step == "auditSubmit" else api
            payload = await take(who, step, await audit_records.now(audit), **more)
            assert payload["errors"] == []
    async with audit_records.working() as work:
        rows = await work.rows(
            sa.select(StatusEvent)
            .where(StatusEvent.entity == "audits", StatusEvent.entity_id == audit.id)
            .order_by(StatusEvent.at, StatusEvent.id)
        )
        events = [(event.to_status, event.action, event.reason) for event in rows]
    assert events[1:] == [
        ("SCHEDULED", "auditSchedule", None),
        ("IN_PROGRESS", "auditStart", None),
        ("FIELDWORK_DONE", "auditCompleteFieldwork", None),
        ("IN_REVIEW", "auditSubmit", None),
        ("IN_PROGRESS", "auditReturn", "Once more."),
        ("FIELDWORK_DONE", "auditCompleteFieldwork", None),
        ("IN_REVIEW", "auditSubmit", None),
        ("REPORTED", "auditIssueReport", None),
        ("CLOSED", "auditClose", None),
    ]
