"""The answers of a team: of every type, from several devices, sent again and out of order."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from qgp.audits.model import Audit, AuditResponse
from qgp.audits.model.terms import AuditStatus
from qgp.kit import clock, ids
from qgp.kit.policy import Role
from tests.audits.asking import answer, blockers, done, errors_of, read, respond
from tests.audits.audit_records import AuditRecords, Checklist, asked
from tests.company import Client, Company
from tests.evidence import unchanged
from tests.matrix import role_cases

_CHOICES = {"options": {"good": 10, "fair": 6, "none": None}, "max_score": Decimal(10)}
_LIMITS = {"minimum": Decimal(2), "maximum": Decimal(8)}
KINDS: dict[str, dict[str, Any]] = {
    "YES_NO": {},
    "PASS_FAIL": {},
    "CONFORMITY": {"max_score": Decimal(4)},
    "SINGLE": _CHOICES,
    "MULTI": _CHOICES,
    "NUMBER": _LIMITS,
    "TEMPERATURE": _LIMITS,
    "CALCULATED": _LIMITS,
    "RATING": {"minimum": Decimal(1), "maximum": Decimal(5)},
    **{
        kind: {"max_score": None}
        for kind in ["TEXT", "DATE", "TIME", "PHOTO", "SIGNATURE", "ASSET"]
    },
    **{kind: {"max_score": None} for kind in ("PERSON", "SITE", "GPS")},
}


@pytest.fixture
async def checklist(audit_records: AuditRecords) -> Checklist:
    """A question of every type, and a section to repeat."""
    questions = [asked(kind, **facts) for kind, facts in KINDS.items()]
    parts: Any = ({}, {"is_repeatable": True, "max_repeats": 3})
    return await audit_records.checklist(
        *questions, asked(part=1, is_na_allowed=False), sections=parts
    )


@pytest.fixture
async def audit(audit_records: AuditRecords, checklist: Checklist) -> Audit:
    """An audit under way, which the company's owner leads."""
    lead = (audit_records.company.owner.user_id, "LEAD")
    return await audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=[lead])


def of(checklist: Checklist, kind: str) -> Any:
    """Return the question of a type."""
    return checklist.questions[list(KINDS).index(kind)]


@pytest.mark.parametrize(
    ("kind", "value", "shown", "points", "fails"),
    [
        ("YES_NO", {"verdict": "YES"}, {"verdict": "YES"}, ("1", "1"), False),
        ("YES_NO", {"verdict": "NO"}, {"verdict": "NO"}, ("0", "1"), True),
        ("PASS_FAIL", {"verdict": "FAIL"}, {"verdict": "FAIL"}, ("0", "1"), True),
        ("CONFORMITY", {"verdict": "MINOR"}, {"verdict": "MINOR"}, ("2", "4"), True),
        ("SINGLE", {"options": ["fair"]}, {"options": ["fair"]}, ("6", "10"), False),
        ("MULTI", {"options": ["none", "fair"]}, {"options": ["fair", "none"]}, ("6", "10"), True),
        ("NUMBER", {"number": "8.50"}, {"number": "8.5"}, ("0", "1"), True),
        ("TEMPERATURE", {"number": "-1"}, {"number": "-1"}, ("0", "1"), True),
        ("CALCULATED", {"number": "5"}, {"number": "5"}, ("1", "1"), False),
        ("RATING", {"number": "3"}, {"number": "3"}, ("0.5", "1"), False),
        ("TEXT", {"text": "  Seen. "}, {"text": "Seen."}, None, False),
        ("PHOTO", {"text": "gauge-4.jpg"}, {"text": "gauge-4.jpg"}, None, False),
        ("SIGNATURE", {"text": "On paper."}, {"text": "On paper."}, None, False),
        ("ASSET", {"text": "Gauge 4"}, {"text": "Gauge 4"}, None, False),
        ("DATE", {"date": "2026-02-28"}, {"date": "2026-02-28"}, None, False),
        ("TIME", {"time": "23:59"}, {"time": "23:59"}, None, False),
        (
            "GPS",
            {"location": {"latitude": "53.55", "longitude": "-9.990"}},
            {"location": {"latitude": "53.55", "longitude": "-9.99"}},
            None,
            False,
        ),
    ],
)
async def test_every_type_takes_its_kind_of_answer(
    api: Client,
    audit: Audit,
    checklist: Checklist,
    kind: str,
    value: Any,
    shown: Any,
    points: Any,
    fails: bool,
) -> None:
    (result,) = await respond(api, audit, answer(of(checklist, kind), value=value))
    assert result["errors"] == []
    response = result["auditResponse"]
    assert {name: part for name, part in response["value"].items() if part is not None} == shown
    assert (response["isFailed"], response["isNa"], response["version"]) == (fails, False, 1)
    assert (response["score"], response["maxScore"]) == (points or (None, None))


async def test_people_and_sites_are_answers(
    api: Client, company: Company, audit: Audit, checklist: Checklist
) -> None:
    payload = await done(api, "siteCreate", "site { id }", code="HQ", name="Head office")
    site = payload["site"]["id"]
    person, place = of(checklist, "PERSON"), of(checklist, "SITE")
    results = await respond(
        api,
        audit,
        answer(person, value={"userId": company.owner.id}),
        answer(place, value={"siteId": site}),
    )
    assert [result["errors"] for result in results] == [[], []]
    assert results[0]["auditResponse"]["value"]["user"] == {"id": company.owner.id}
    assert results[1]["auditResponse"]["value"]["site"] == {"id": site}


_NOBODY = "usr_" + "0" * 32
_NOWHERE = "sit_" + "0" * 32


@pytest.mark.parametrize(
    ("kind", "said", "code", "path"),
    [
        ("YES_NO", {"value": "CONFORM"}, "BAD_USER_INPUT", "value.verdict"),
        ("YES_NO", {"value": {"text": "YES"}}, "BAD_USER_INPUT", "value"),
        ("YES_NO", {}, "REQUIRED", "value"),
        ("YES_NO", {"value": "YES", "isNa": True}, "BAD_USER_INPUT", "value"),
        ("YES_NO", {"value": "YES", "naReason": "No."}, "BAD_USER_INPUT", "naReason"),
        ("YES_NO", {"value": "YES", "repeatIndex": 1}, "OUT_OF_RANGE", "repeatIndex"),
        ("YES_NO", {"value": "YES", "repeatIndex": -1}, "OUT_OF_RANGE", "repeatIndex"),
        ("YES_NO", {"value": "YES", "clientSequence": 0}, "OUT_OF_RANGE", "clientSequence"),
        ("YES_NO", {"value": "YES", "clientId": " "}, "REQUIRED", "clientId"),
        (
            "YES_NO",
            {"value": "YES", "answeredAt": "2100-01-01T00:00:00Z"},
            "OUT_OF_RANGE",
            "answeredAt",
        ),
        ("SINGLE", {"value": {"options": ["good", "fair"]}}, "BAD_USER_INPUT", "value.options"),
        ("MULTI", {"value": {"options": ["bad"]}}, "BAD_USER_INPUT", "value.options"),
        ("MULTI", {"value": {"options": []}}, "BAD_USER_INPUT", "value.options"),
        ("MULTI", {"value": {"options": ["fair", "fair"]}}, "BAD_USER_INPUT", "value.options"),
        ("NUMBER", {"value": {"number": "12,5"}}, "INVALID_FORMAT", "value.number"),
        ("NUMBER", {"value": {"number": "1e5"}}, "INVALID_FORMAT", "value.number"),
        (
            "GPS",
            {"value": {"location": {"latitude": "north", "longitude": "0"}}},
            "INVALID_FORMAT",
            "value.location.latitude",
        ),
        ("RATING", {"value": {"number": "2.5"}}, "OUT_OF_RANGE", "value.number"),
        ("RATING", {"value": {"number": "6"}}, "OUT_OF_RANGE", "value.number"),
        ("TEXT", {"value": {"text": " "}}, "REQUIRED", "value.text"),
        ("TIME", {"value": {"time": "24:00"}}, "INVALID_FORMAT", "value.time"),
        (
            "GPS",
            {"value": {"location": {"latitude": "91", "longitude": "0"}}},
            "OUT_OF_RANGE",
            "value.location.latitude",
        ),
        ("PERSON", {"value": {"userId": _NOBODY}}, "NOT_FOUND", "value.userId"),
        ("PERSON", {"value": {"userId": _NOWHERE}}, "BAD_USER_INPUT", "value.userId"),
        ("SITE", {"value": {"siteId": _NOWHERE}}, "NOT_FOUND", "value.siteId"),
    ],
)
async def test_what_is_no_answer_is_refused_and_changes_nothing(
    api: Client,
    company: Company,
    audit: Audit,
    checklist: Checklist,
    kind: str,
    said: Any,
    code: str,
    path: str,
) -> None:
    good = answer(of(checklist, "TEXT"), sequence=7, value={"text": "Fine."})
    bad = answer(of(checklist, kind), **said)
    async with unchanged(company):
        (result,) = await respond(api, audit, bad)
    assert errors_of(result) == [(code, f"answers.0.{path}")]
    assert result["auditResponse"] is None
    results = await respond(api, audit, bad, good)  # a row that is refused leaves the others alone
    assert [bool(result["errors"]) for result in results] == [True, False]
    assert results[0]["errors"][0]["path"][:2] == ["answers", "0"]


async def test_what_does_not_apply_has_no_value(
    api: Client, audit: Audit, checklist: Checklist
) -> None:
    question, always = of(checklist, "YES_NO"), checklist.questions[-1]
    results = await respond(
        api,
        audit,
        answer(question, isNa=True, naReason="No gauges here.", comment="Looked."),
        answer(always, isNa=True, naReason="x"),
        answer(question, 2, isNa=True),
    )
    shown = results[0]["auditResponse"]
    assert (shown["isNa"], shown["naReason"], shown["value"]) == (True, "No gauges here.", None)
    assert (shown["score"], shown["isFailed"]) == (None, False)
    assert errors_of(results[1]) == [("BAD_USER_INPUT", "answers.1.isNa")]
    assert errors_of(results[2]) == [("REQUIRED", "answers.2.naReason")]


async def test_each_run_of_a_section_has_its_own_answer(
    api: Client, audit_records: AuditRecords, audit: Audit, checklist: Checklist
) -> None:
    question = checklist.questions[-1]
    results = await respond(
        api,
        audit,
        *(answer(question, value="YES", repeatIndex=run) for run in (0, 1, 2, 3)),
    )
    assert [errors_of(result) for result in results[:3]] == [[], [], []]
    assert errors_of(results[3]) == [("OUT_OF_RANGE", "answers.3.repeatIndex")]
    shown = await read(api, audit, "responses { totalCount nodes { repeatIndex } }")
    assert shown["responses"]["totalCount"] == 3


async def test_a_question_of_another_checklist_is_not_found(
    api: Client, audit_records: AuditRecords, audit: Audit
) -> None:
    other = await audit_records.checklist(asked())
    (result,) = await respond(api, audit, answer(other.questions[0], value="YES"))
    assert errors_of(result) == [("NOT_FOUND", "answers.0.questionId")]
    bare = await audit_records.audit(
        AuditStatus.IN_PROGRESS, team=[(audit_records.company.owner.user_id, "LEAD")]
    )
    (result,) = await respond(api, bare, answer(other.questions[0], value="YES"))
    assert errors_of(result) == [("NOT_FOUND", "answers.0.questionId")]


async def test_the_last_count_of_a_device_stands(
    api: Client, company: Company, audit_records: AuditRecords, audit: Audit, checklist: Checklist
) -> None:
    question = of(checklist, "YES_NO")
    (first,) = await respond(api, audit, answer(question, 3, value="NO", comment="Bad."))
    async with unchanged(company):
        (again,) = await respond(api, audit, answer(question, 3, value="NO", comment="Bad."))
        assert again == first
        (older,) = await respond(api, audit, answer(question, 2, value="YES"))
        (other,) = await respond(api, audit, answer(question, 3, value="YES"))
    for refused in (older, other):
        assert errors_of(refused) == [("CONFLICT", "answers.0.clientSequence")]
        assert refused["auditResponse"] == first["auditResponse"]
    (newer,) = await respond(api, audit, answer(question, 9, value="YES"))
    shown = newer["auditResponse"]
    assert (shown["value"]["verdict"], shown["comment"], shown["version"]) == ("YES", None, 2)
    assert shown["id"] == first["auditResponse"]["id"]


async def test_of_two_devices_the_later_answer_stands(
    api: Client, company: Company, audit: Audit, checklist: Checklist
) -> None:
    question, noon = of(checklist, "YES_NO"), clock.now() - timedelta(hours=1)

    def said(device: str, sequence: int, minute: int, verdict: str) -> dict[str, Any]:
        at = (noon + timedelta(minutes=minute)).isoformat()
        return answer(question, sequence, value=verdict, clientId=device, answeredAt=at)

    results = await respond(
        api,
        audit,
        said("phone", 1, 10, "YES"),
        said("tablet", 8, 5, "NO"),  # earlier
        said("tablet", 9, 10, "NO"),  # at the same instant
        said("tablet", 10, 11, "NO"),  # later
        said("phone", 1, 10, "YES"),  # sent again, though written over
        said("phone", 2, 30, "YES"),
        said("tablet", 10, 40, "NO"),  # an old count, whatever its time
    )
    assert [errors_of(result) for result in results] == [
        [],
        [("CONFLICT", "answers.1.answeredAt")],
        [("CONFLICT", "answers.2.answeredAt")],
        [],
        [("CONFLICT", "answers.4.clientSequence")],
        [],
        [("CONFLICT", "answers.6.clientSequence")],
    ]
    for result in results:  # which show what stands at the end
        shown = result["auditResponse"]
        assert (shown["clientId"], shown["clientSequence"], shown["version"]) == ("phone", 2, 3)


async def test_sending_everything_again_changes_nothing(
    api: Client, company: Company, audit: Audit, checklist: Checklist
) -> None:
    verdicts = {"YES_NO": "YES", "PASS_FAIL": "PASS", "CONFORMITY": "CONFORM"}
    answers = [
        answer(of(checklist, kind), n, value=v) for n, (kind, v) in enumerate(verdicts.items(), 1)
    ]
    first = await respond(api, audit, *answers)
    async with unchanged(company):
        assert await respond(api, audit, *reversed(answers)) == first[::-1]


async def test_at_most_a_hundred_answers_come_at_once(
    api: Client, company: Company, audit: Audit, checklist: Checklist
) -> None:
    answers = [answer(of(checklist, "YES_NO"), n, value="YES") for n in range(1, 102)]
    async with unchanged(company):
        arguments = {"auditId": audit.public_id, "answers": answers}
        document = """mutation ($input: AuditResponsesRecordInput!) {
            auditResponsesRecord(input: $input) { errors { code } } }"""
        assert await api.refusal(document, input=arguments) == "BAD_USER_INPUT"


@pytest.mark.parametrize("status", AuditStatus)
async def test_answers_come_while_the_audit_is_under_way(
    api: Client,
    company: Company,
    audit_records: AuditRecords,
    checklist: Checklist,
    status: AuditStatus,
) -> None:
    row = await audit_records.audit(
        status, checklist=checklist, team=[(company.owner.user_id, "LEAD")]
    )
    (result,) = await respond(api, row, answer(of(checklist, "YES_NO"), value="YES"))
    can = (await read(api, row, "viewerCanRecordResponses"))["viewerCanRecordResponses"]
    assert can == (result["errors"] == []) == (status is AuditStatus.IN_PROGRESS)
    assert can or errors_of(result) == [("BAD_USER_INPUT", "auditId")]


@pytest.fixture
async def busy(shared_audit_records: AuditRecords) -> tuple[AuditRecords, Checklist]:
    return shared_audit_records, await shared_audit_records.checklist(asked())


@pytest.mark.parametrize("role", role_cases(Role.QUALITY_MANAGER, Role.AUDITOR, Role.EMPLOYEE))
@pytest.mark.parametrize("place", [None, "LEAD", "AUDITOR", "EXPERT", "OBSERVER", "TRAINEE"])
async def test_the_team_answers_whatever_its_roles(
    busy: tuple[AuditRecords, Checklist], role: Role, place: str | None
) -> None:
    if place == "LEAD" and role in {Role.EXTERNAL_AUDITOR, Role.SUPPLIER_CONTACT}:
        return  # nobody of these roles can be made lead auditor
    shared_audit_records, checklist = busy
    person = await shared_audit_records.company.hire(role)
    team = [(person.user_id, place)] if place else []
    row = await shared_audit_records.audit(AuditStatus.IN_PROGRESS, checklist=checklist, team=team)
    async with person.signed_in() as client:
        if role is Role.SUPPLIER_CONTACT:
            document = """mutation ($input: AuditResponsesRecordInput!) {
                auditResponsesRecord(input: $input) { errors { code } } }"""
            arguments = {"auditId": row.public_id, "answers": []}
            assert await client.refusal(document, input=arguments) == "FORBIDDEN"
            return
        (result,) = await respond(client, row, answer(checklist.questions[0], value="YES"))
        shown = await read(client, row, "viewerCanRecordResponses")
    may = place not in {None, "OBSERVER"}
    if may:
        assert (errors_of(result), shown) == ([], {"viewerCanRecordResponses": True})
        return
    hidden = role is Role.EMPLOYEE and place is None
    code = "NOT_FOUND" if hidden else "FORBIDDEN"
    assert errors_of(result) == [(code, "auditId")]
    assert shown == (None if hidden else {"viewerCanRecordResponses": False})


async def test_a_failing_answer_may_need_no_finding(
    api: Client, company: Company, audit_records: AuditRecords, audit: Audit, checklist: Checklist
) -> None:
    question = of(checklist, "YES_NO")
    (result,) = await respond(api, audit, answer(question, 1, value="NO"))
    at = {"id": result["auditResponse"]["id"], "expectedVersion": 1}
    shown = "auditResponse { noFindingReason version }"
    payload = await done(
        api, "auditResponseJustifyNoFinding", shown, **at, reason="Known and accepted."
    )
    assert payload["auditResponse"] == {"noFindingReason": "Known and accepted.", "version": 2}
    async with unchanged(company):
        stale = await api.do("auditResponseJustifyNoFinding", shown, **at, reason="x")
        assert errors_of(stale) == [("STALE_VERSION", "expectedVersion")]
    await respond(api, audit, answer(question, 2, value="YES"))  # the reason goes with the failure
    row = await audit_records.now(await _row(audit_records, result))
    assert (row.no_finding_reason, row.version) == (None, 3)
    async with unchanged(company):
        at["expectedVersion"] = 3
        fine = await api.do("auditResponseJustifyNoFinding", shown, **at, reason="x")
        assert errors_of(fine) == [("BAD_USER_INPUT", "id")]


async def test_what_has_a_finding_needs_no_reason(
    api: Client, company: Company, audit_records: AuditRecords, checklist: Checklist
) -> None:
    question, lead = of(checklist, "YES_NO"), (company.owner.user_id, "LEAD")
    for status in AuditStatus:
        row = await audit_records.audit(status, checklist=checklist, team=[lead])
        plain, with_finding = [
            await audit_records.answer(row, question, "NO", repeat_index=run) for run in range(2)
        ]
        await audit_records.finding(row, response_id=with_finding.id)
        at: Any = {"id": with_finding.public_id, "expectedVersion": 1, "reason": "Known."}
        async with unchanged(company):
            payload = await api.do("auditResponseJustifyNoFinding", "", **at)
            assert errors_of(payload) == [("BAD_USER_INPUT", "id")]
        said = payload["errors"][0]["message"]
        at["id"] = plain.public_id
        if status in {"IN_PROGRESS", "FIELDWORK_DONE"}:
            assert said.startswith("This response has a finding already.")
            await done(api, "auditResponseJustifyNoFinding", "auditResponse { id }", **at)
        else:
            assert said == (
                f"{row.reference} is {status}. This requires an audit that is IN_PROGRESS or "
                "FIELDWORK_DONE; choose another."
            )
            async with unchanged(company):
                late = await api.do("auditResponseJustifyNoFinding", "", **at)
                assert errors_of(late) == [("BAD_USER_INPUT", "id")]


async def _row(audit_records: AuditRecords, result: Any) -> AuditResponse:
    async with audit_records.working() as work:
        return await work.get(AuditResponse, ids.decode("rsp", result["auditResponse"]["id"]))


async def test_the_start_is_needed_before_answers(
    api: Client, audit_records: AuditRecords, checklist: Checklist
) -> None:
    row = await audit_records.audit(AuditStatus.SCHEDULED, checklist=checklist)
    payload = await api.do(
        "auditStart", "audit { id }", id=row.public_id, expectedVersion=row.version
    )
    assert blockers(payload) == [("TEAM_COMPETENT", row.public_id)]
