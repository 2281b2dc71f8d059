"""Audits in every state, with teams, auditees, answers, samples and findings, and without."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from qgp.kit import clock
from qgp.kit.policy import Role
from tests.company import signature

TYPES = ("SYSTEM", "PROCESS", "SUPPLIER", "INSPECTION", "FOLLOW_UP")
METHODS = ("ONSITE", "REMOTE", "HYBRID", "DOCUMENT")
SOURCES = ("FIRST_PARTY", "SECOND_PARTY", "THIRD_PARTY")
CONCLUSIONS = ("CONFORM", "SUBSTANTIALLY_CONFORM", "NOT_CONFORM")
WAY = ("Schedule", "Start", "CompleteFieldwork", "Submit", "Report", "Close")
FIRST = date(2026, 2, 27)
Facts = dict[str, Any]
ASKED: Sequence[tuple[str, Facts]] = (
    ("YES_NO", {"criticality": "MAJOR"}),
    ("CONFORMITY", {"weight": "2.5"}),
    ("SINGLE", {}),
    ("MULTI", {"isRequired": False}),
    ("TEMPERATURE", {"minimum": "15", "maximum": "25", "unit": "°C"}),
    ("RATING", {"minimum": "0", "maximum": "5"}),
    ("TEXT", {}),
    ("DATE", {"isRequired": False}),
    ("TIME", {}),
    ("PERSON", {}),
    ("SITE", {}),
    ("GPS", {"isRequired": False}),
    ("YES_NO", {"isRequired": False}),
)


async def audits(filling: Any, count: int) -> None:
    """Make audits; each goes one step further than the one before it, and some turn off."""
    checklist, questions = await _checklist(filling)
    lead = await filling.company.hire(Role.LEAD_AUDITOR, name=filling.text())
    filling.ids["lead"] = lead.id
    helper = await filling.company.hire(Role.AUDITOR, name=filling.text())
    reviewer = await filling.company.hire(Role.QUALITY_MANAGER, name=filling.text())
    async with lead.signed_in() as api, reviewer.signed_in() as other:
        leading = type(filling)(api, filling.company)
        reviewing = type(filling)(other, filling.company)
        for number in range(count):
            facts = _bare(filling, number) | (_full(filling, number) if number % 4 else {})
            if number % 3 or "clauseIds" not in facts:
                facts["templateVersionId"] = checklist
            facts |= {"leadAuditorId": lead.id, "auditeeIds": [filling.company.owner.id]}
            made = await filling.make("auditCreate", "audit", **facts)
            filling.ids.setdefault("audit", made["id"])  # the first is planned: it takes actions
            await _team(filling, made, helper.id, number)
            asked = questions if "templateVersionId" in facts else []
            await _walk(filling, leading, reviewing, made, asked, number)


async def _checklist(filling: Any) -> tuple[str, list[str]]:
    """Publish a checklist, and return its version and its questions."""
    approver = await filling.company.hire(Role.QUALITY_MANAGER, name=filling.text())
    made = await filling.make(
        "auditTemplateCreate", "auditTemplate", name=filling.text(), category="PROCESS_AUDIT"
    )
    version = await filling.make("templateVersionDraft", "templateVersion", templateId=made["id"])
    at: Facts = {"id": version["id"], "expectedVersion": version["version"]}
    marks = {"passMark": "80", "conditionalMark": "60"}
    marked = await filling.make("templateVersionUpdate", "templateVersion", **at, **marks)
    sections, questions = [], list[str]()
    for more in ({}, {"isRepeatable": True, "maxRepeats": 3, "weight": "2"}):
        given = {"templateVersionId": version["id"], "title": filling.text(), **more}
        sections.append((await filling.make("sectionCreate", "section", **given))["id"])
    for place, (kind, more) in enumerate(ASKED):
        given = {"sectionId": sections[place == len(ASKED) - 1], "type": kind, **more}
        if kind in {"SINGLE", "MULTI"}:
            given["options"] = [
                {"key": "A", "label": filling.text(), "score": "1"},
                {"key": "B", "label": filling.text(), "isFail": True},
            ]
        asked = await filling.make("questionCreate", "question", text=filling.text(), **given)
        questions.append(asked["id"])
    at["expectedVersion"] = marked["version"]
    at |= await filling.make("templateVersionSubmit", "templateVersion", **at)
    async with approver.signed_in() as api:
        at = {"id": version["id"], "expectedVersion": at["version"]}
        await type(filling)(api, filling.company).make(
            "templateVersionPublish", "templateVersion", **at
        )
    return version["id"], questions


def _bare(filling: Any, number: int) -> Facts:
    day = FIRST + timedelta(days=number % 4)
    facts: Facts = {"type": TYPES[number % 5], "method": METHODS[number % 4]}
    facts |= {"source": SOURCES[number % 3], "title": filling.text(), "scope": filling.text()}
    return facts | {"plannedStartOn": str(day), "plannedEndOn": str(day + timedelta(number % 3))}


def _full(filling: Any, number: int) -> Facts:
    ids = filling.ids
    names = ("criteria", "externalBody", "externalReference")
    facts: Facts = {name: filling.text() for name in names}
    facts |= {"siteId": ids["HQ"], "departmentId": ids["PROD"]}
    facts["processId"] = ids[("process TAKE", "process MAKE")[number % 2]]
    clauses = [id for id in ids.values() if id.startswith("cls_")]
    facts["clauseIds"] = clauses[number % 4 : number % 4 + 1 + number % 3]
    return facts | {"standardIds": [ids["OURS:1"], ids["OURS:2"]][: number % 3]}


async def _team(filling: Any, made: Facts, helper: str, number: int) -> None:
    """Let somebody help and, now and then, somebody look on for a reason."""
    more: Facts = {"auditId": made["id"]}
    if number % 2:
        await filling.make(
            "auditTeamMemberAdd", "auditTeamMember", userId=helper, role="AUDITOR", **more
        )
    if number % 4 == 1:
        more |= {"role": "OBSERVER", "overrideReason": filling.text()}
        who = filling.company.owner.id
        await filling.make("auditTeamMemberAdd", "auditTeamMember", userId=who, **more)
    made["version"] += bool(number % 2) + (number % 4 == 1)


async def _walk(
    filling: Any,
    leading: Any,
    reviewing: Any,
    made: Facts,
    questions: Sequence[str],
    number: int,
) -> None:
    """Take an audit on its way, as far as its number says."""

    async def take(step: str, who: Any = leading, **given: Any) -> None:
        where = {"id": made["id"], "expectedVersion": made["version"]}
        made["version"] = (await who.make(f"audit{step}", "audit", **where, **given))["version"]

    why = {"reason": filling.text()}
    last = number % (len(WAY) + 1)
    findings: list[Facts] = []
    for step in WAY[:last]:
        if step == "CompleteFieldwork":
            await _sample(filling, leading, made["id"], number)
            findings = await _answer(filling, leading, made["id"], questions, number)
        if step == "Submit":
            notes = {"conclusion": CONCLUSIONS[number % 3], "openingNotes": filling.text()}
            await take("Update", filling, **notes, closingNotes=filling.text())
        if step == "Close":
            await _close(filling, findings)
        meant = {"Submit": "AUTHORED", "Report": "REVIEWED"}.get(step)
        proof = {"signature": signature(meant)} if meant else {}
        await take(step, reviewing if step == "Report" else leading, **proof)
        if step == "CompleteFieldwork" and number % 2 and questions:
            await take("ScoreOverride", filling, overriddenPct="81.25", **why)
    if last < len(WAY) // 2 and number % 2:
        await take("Cancel", filling, **why)
    elif last == WAY.index("Report") and number > len(WAY):
        await take("Return", reviewing, **why)


async def _answer(
    filling: Any, leading: Any, audit: str, questions: Sequence[str], number: int
) -> list[Facts]:
    """Answer what is asked, and explain or find what fails."""
    if not questions:
        return []
    sent: Facts = {"auditId": audit, "answers": [*_answers(filling, questions, number)]}
    shown = "results { auditResponse { id version isFailed } errors { code message } }"
    payload = await leading.api.do("auditRespond", shown, **sent)
    rows = [row["auditResponse"] for row in payload["results"]]
    failing = [row for row in rows if row["isFailed"]]
    found = []
    clause = next(id for id in filling.ids.values() if id.startswith("cls_"))
    for place, row in enumerate(failing):
        if place == 0:
            at = {"id": row["id"], "expectedVersion": row["version"], "reason": filling.text()}
            await leading.make("auditResponseExplain", "auditResponse", **at)
        else:
            given = {"grade": ("OBSERVATION", "OFI")[place % 2], "responseId": row["id"]}
            given |= {"sourceType": "AUDIT", "ownerId": filling.ids["lead"]}
            if place % 2:
                given["primaryClauseId"] = clause
            given |= {name: filling.text() for name in ("title", "statement", "evidenceText")}
            found.append(await leading.make("findingCreate", "finding", **given))
    return found


def _answers(filling: Any, questions: Sequence[str], number: int) -> Any:
    ids, is_good = filling.ids, number % 3 == 0
    place = {"latitude": "52.516", "longitude": "-13.25"}
    values: Sequence[Facts | None] = (
        {"verdict": "YES" if is_good else "NO"},
        {"verdict": ("C", "OBS", "MIN", "MAJ")[number % 4]},
        {"options": ["A" if is_good else "B"]},
        {"options": ["A", "B"]},
        {"number": ("21.50", "26")[number % 2]},
        {"number": str(number % 6)},
        {"text": filling.text()},
        {"date": "2026-02-28"},
        {"time": "23:59"},
        {"userId": filling.company.owner.id},
        {"siteId": ids["HQ"]},
        {"location": place} if number % 2 else None,
        {"verdict": "NO"},
        {"verdict": "YES"} if is_good else None,
    )
    runs = [*range(len(questions)), len(questions) - 1]
    for count, (at, value) in enumerate(zip(runs, values, strict=True), start=1):
        said: Facts = {"value": value} if value else {"isNa": True, "naReason": filling.text()}
        if count % 2:
            said["comment"] = filling.text()
        device = {"clientId": filling.text(), "clientSequence": count}
        run = {"repeatIndex": int(count == len(runs)), "questionId": questions[at]}
        yield {**said, **device, **run, "answeredAt": clock.now().isoformat()}


async def _sample(filling: Any, leading: Any, audit: str, number: int) -> None:
    """Choose a sample, and look at some of it."""
    how = ("RANDOM", "JUDGEMENT", "STRATIFIED", "HAPHAZARD")[number % 4]
    what = {"populationDescription": filling.text(), "populationSize": 40 + number, "size": 3}
    shown = "sampleSet { items { nodes { id version } } }"
    payload = await leading.api.do("sampleSetCreate", shown, auditId=audit, method=how, **what)
    assert payload["errors"] == [], payload["errors"]
    for place, item in enumerate(payload["sampleSet"]["items"]["nodes"][: number % 4]):
        told = {"reference": filling.text(), "evidence": filling.text()}
        result = ("CONFORMING", "NONCONFORMING", "UNAVAILABLE")[place]
        at = {"id": item["id"], "expectedVersion": item["version"]}
        await leading.make("sampleItemRecord", "sampleItem", result=result, **told, **at)


async def _close(filling: Any, findings: Sequence[Facts]) -> None:
    """Close what the report has opened."""
    for row in findings:
        at = {"id": row["id"], "expectedVersion": row["version"] + 1}
        await filling.make("findingClose", "finding", comment=filling.text(), **at)
