"""Audits with their checklist, from the plan to the closing, and one that is given up."""

from collections.abc import Callable, Mapping
from typing import Any

from qgp.kit import clock
from tests.isolation.steps.actions import task
from tests.isolation.steps.findings import found
from tests.isolation.world import Step, World, change, signed

AFTER = ("findings",)
# What is asked, by the name of the question, and what is answered.
ASKED: Mapping[str, tuple[dict[str, Any], Callable[[World], dict[str, Any]]]] = {
    "labels": ({"type": "YES_NO"}, lambda _: {"verdict": "NO"}),
    "dates": ({"type": "YES_NO"}, lambda _: {"verdict": "NO"}),
    "signs": (
        {"type": "YES_NO", "isFindingCreatedOnFail": True, "failGrade": "OBSERVATION"},
        lambda _: {"verdict": "NO"},
    ),
    "kinds": (
        {"type": "SINGLE", "options": [{"key": "A", "label": "A", "score": "1"},
                                       {"key": "B", "label": "B"}]},
        lambda _: {"options": ["A"]},
    ),
    "degrees": ({"type": "TEMPERATURE", "maximum": "25"}, lambda _: {"number": "21.5"}),
    "words": ({"type": "TEXT"}, lambda world: {"text": world.text("said")}),
    "day": ({"type": "DATE"}, lambda _: {"date": "2026-11-02"}),
    "hour": ({"type": "TIME"}, lambda _: {"time": "14:30"}),
    "whom": ({"type": "PERSON"}, lambda world: {"userId": world.ids["eve"]}),
    "where": ({"type": "SITE"}, lambda world: {"siteId": world.ids["plant"]}),
    "spot": ({"type": "GPS"}, lambda _: {"location": {"latitude": "52.5", "longitude": "13.4"}}),
}  # fmt: skip


DRAFTED = {"drafted": "audit(by: {id: $id}) { findings(last: 1) { nodes { id version } } }"}


def _late(world: World) -> dict[str, Any]:
    texts = {name: world.text(name) for name in ("title", "statement", "evidenceText", "reason")}
    links = {"auditId": world.ids["audit"], "ownerId": world.ids["eve"]}
    return {"grade": "OFI", "sourceType": "AUDIT", **links, **texts}


def _section(world: World) -> dict[str, Any]:
    return {"templateVersionId": world.ids["list"], "title": world.text("gauges")}


def _question(**facts: Any) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        return {"sectionId": world.ids["gauges"], "text": world.text("asked"), **facts}

    return input_of


def _audit(world: World) -> dict[str, Any]:
    ids = world.ids
    names = ("title", "scope", "criteria", "externalBody", "externalReference")
    where = {"siteId": ids["plant"], "departmentId": ids["lab"], "processId": ids["process"]}
    whom = {"leadAuditorId": ids["lea"], "auditeeIds": [ids["eve"]]}
    against = {"templateVersionId": ids["list"], "clauseIds": [ids["rule"]]}
    against["standardIds"] = [ids["latter"]]
    days = {"plannedStartOn": "2026-11-02", "plannedEndOn": "2026-11-03"}
    kind = {"type": "PROCESS", "method": "ONSITE", "source": "FIRST_PARTY"}
    texts = {name: world.text(name) for name in names}
    return {**kind, **texts, **days, **where, **whom, **against}


def _member(who: str, role: str, *, is_tied: bool = False) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        why = {"overrideReason": world.text("why")} if is_tied else {}
        return {"auditId": world.ids["audit"], "userId": world.ids[who], "role": role, **why}

    return input_of


def _answers(name: str, **facts: Any) -> Callable[[World], dict[str, Any]]:
    """Answer one question; facts may take the place of the value."""
    _, value = ASKED.get(name, ({}, None))

    def input_of(world: World) -> dict[str, Any]:
        said = {"questionId": world.ids[name], "comment": world.text("seen")}
        device = {"clientId": world.text("tablet"), "clientSequence": 1}
        when = {"answeredAt": clock.now().isoformat()}
        answer = {"value": value(world)} if value else {}
        more = {key: world.text(key) if fact is str else fact for key, fact in facts.items()}
        whole = {**said, **device, **when, **answer, **more}
        return {"auditId": world.ids["audit"], "answers": [whole]}

    return input_of


def _sample(world: World) -> dict[str, Any]:
    what = {"populationDescription": world.text("all gauges"), "populationSize": 9}
    return {"auditId": world.ids["audit"], "method": "RANDOM", "size": 1, **what}


def _of_answer(name: str) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        seen = found(grade="OBSERVATION", responseId="no labels")(world)
        return {**seen, "auditId": world.ids[name]}

    return input_of


CHECKLIST = (
    Step("auditTemplateCreate", "lists", lambda world: {
        "category": "PROCESS_AUDIT", "name": world.text("lists")}),
    Step("templateVersionDraft", "list", lambda world: {"templateId": world.ids["lists"]}),
    Step("templateVersionUpdate", "list", change("list", passMark="80", conditionalMark="60")),
    Step("sectionCreate", "gauges", _section),
    *[Step("questionCreate", name, _question(**asks)) for name, (asks, _) in ASKED.items()],
    Step("questionCreate", "beside", _question(type="YES_NO")),
    Step("questionCreate", "left out", _question(type="YES_NO", isRequired=False)),
    Step("templateVersionSubmit", "list", change("list")),
    Step("templateVersionPublish", "list", signed("list", "APPROVED"), by="kim"),
)  # fmt: skip
ANSWERS = (
    *[Step("auditResponsesRecord", f"no {name}", _answers(name), by="lea") for name in ASKED],
    Step(
        "auditResponsesRecord", "no beside", _answers("beside", isNa=True, naReason=str), by="lea"
    ),
)

STEPS = (
    *CHECKLIST,
    Step("auditCreate", "whim", _audit),
    Step("auditCancel", "whim", change("whim", reason=str)),
    Step("auditCreate", "audit", _audit),
    Step("auditTeamMemberAdd", "guest", _member("max", "OBSERVER", is_tied=True)),
    Step("auditTeamMemberUpdate", "guest", change("guest", role="TRAINEE")),
    Step("auditTeamMemberOverrideConflict", "guest", change("guest", reason=str)),
    Step("auditTeamMemberAdd", "assistant", _member("owner", "AUDITOR")),
    Step("auditTeamMemberAdd", "stranger", _member("kim", "EXPERT")),
    Step("auditTeamMemberRemove", "audit", change("stranger")),
    Step("auditUpdate", "audit", change("audit", title=str, criteria=str, openingNotes=str)),
    Step("actionCreate", "errand", task(auditId="audit")),
    Step("auditSchedule", "audit", change("audit")),
    Step("auditStart", "audit", change("audit"), by="lea"),
    *ANSWERS,
    Step("auditResponseJustifyNoFinding", "no dates", change("no dates", reason=str), by="lea"),
    Step(
        "sampleSetCreate",
        "sample",
        _sample,
        by="lea",
        finds={"gauge": "sampleSet(by: {id: $id}) { items(first: 1) { nodes { id version } } }"},
    ),
    Step(
        "sampleItemRecord",
        "gauge",
        change("gauge", reference=str, result="NONCONFORMING", evidence=str),
        by="lea",
    ),
    Step("findingCreate", "unlabelled", _of_answer("audit"), by="lea"),
    Step("auditFindingsDraft", "audit", change("audit"), by="lea", finds=DRAFTED),
    Step("findingUpdate", "drafted", change("drafted", statement=str), by="lea"),
    Step("auditCompleteFieldwork", "audit", change("audit"), by="lea"),
    Step("auditUpdate", "audit", change("audit", closingNotes=str, conclusion="CONFORM")),
    Step("auditSubmit", "audit", signed("audit", "AUTHORED"), by="lea"),
    Step("auditReturn", "audit", change("audit", reason=str), by="kim"),
    Step("auditCompleteFieldwork", "audit", change("audit"), by="lea"),
    Step("auditScoreOverride", "audit", change("audit", overriddenPct="81.5", reason=str)),
    Step("auditSubmit", "audit", signed("audit", "AUTHORED"), by="lea"),
    Step(
        "auditIssueReport",
        "audit",
        signed("audit", "REVIEWED"),
        by="kim",
        finds={
            "unlabelled": "audit(by: {id: $id}) { findings(first: 1) { nodes { id version } } }",
            **DRAFTED,
        },
    ),
    Step("findingClose", "drafted", change("drafted", comment=str)),
    Step("findingClose", "unlabelled", change("unlabelled", comment=str)),
    Step("auditClose", "audit", change("audit"), by="lea"),
    Step("auditReopen", "audit", change("audit", reason=str), by="kim"),
    Step("findingCreate", "late", _late, by="lea"),
    Step("findingOpen", "late", change("late"), by="lea"),
    Step("findingClose", "late", change("late", comment=str)),
    Step("auditClose", "audit", change("audit"), by="lea"),
)
