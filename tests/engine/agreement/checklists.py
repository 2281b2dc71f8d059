"""Templates in several versions, with every kind of question, options, clauses and conditions."""

from typing import Any

from qgp.kit.policy import Role

TYPES = (
    *("YES_NO", "SINGLE", "MULTI", "NUMBER", "RATING", "TEXT", "CONFORMITY", "PASS_FAIL"),
    *("DATE", "PHOTO", "GPS", "TEMPERATURE", "CALCULATED"),
)
CATEGORIES = ("INTERNAL_AUDIT", "SAFETY_TOUR", "LAYERED", "GEMBA")
CRITICALITIES = ("CRITICAL", "MAJOR", "MINOR", "INFO")
Facts = dict[str, Any]


async def templates(filling: Any, count: int) -> None:
    """Make templates; each goes one step further than the one before it."""
    approver = await filling.company.hire(Role.QUALITY_MANAGER, name=filling.text())
    async with approver.signed_in() as api:
        approving = type(filling)(api, filling.company)
        for number in range(count):
            facts: Facts = {"name": filling.text(), "category": CATEGORIES[number % 4]}
            facts |= {"description": filling.text()} if number % 2 else {}
            made = await filling.make("auditTemplateCreate", "auditTemplate", **facts)
            given = {"templateId": made["id"]}
            version = await filling.make("templateVersionDraft", "templateVersion", **given)
            await _sections(filling, version["id"], number)
            await _walk(filling, approving, made, version, number)


async def _sections(filling: Any, version: str, number: int) -> None:
    first, questions = None, 0
    for place in range(3):
        facts: Facts = {"templateVersionId": version, "title": filling.text()}
        if place == 1:
            facts |= {"guidance": filling.text(), "weight": "0.250", "visibleIf": _if(first)}
        if place == 2:
            facts |= {"isRepeatable": True, "maxRepeats": 5, "weight": "100"}
        section = await filling.make("sectionCreate", "section", **facts)
        for _ in range(2 + 3 * (number % 2)):
            given = _question(filling, questions, first)
            made = await filling.make(
                "questionCreate", "question", sectionId=section["id"], **given
            )
            first, questions = first or made["id"], questions + 1


def _if(question: str | None, operator: str = "NE") -> Facts:
    values = {"NE": ["NO"], "IN": ["YES", "NO"], "ANSWERED": []}[operator]
    return {"questionId": question, "operator": operator, "values": values}


def _question(filling: Any, number: int, first: str | None) -> Facts:
    kind = TYPES[number % len(TYPES)]
    facts: Facts = {"text": filling.text(), "type": kind}
    facts["criticality"] = CRITICALITIES[number % 4]
    if number % 2:
        names = ("help", "guidance", "samplingHint")
        facts |= {name: filling.text() for name in names}
        facts |= {"isFindingCreatedOnFail": True, "failGrade": "MAJOR", "weight": "2.5"}
        clauses = [id for id in filling.ids.values() if id.startswith("cls_")]
        facts["clauseIds"] = clauses[number % 4 : number % 4 + 3]
    if kind in {"SINGLE", "MULTI"}:
        scores = ("1", "0.5", None)
        facts["options"] = [
            {"key": f"K{place}", "label": filling.text(), "score": score, "isFail": place == 2}
            for place, score in enumerate(scores)
        ]
    if kind in {"NUMBER", "RATING", "TEMPERATURE"}:
        facts |= {"minimum": "1", "maximum": "5", "unit": "°C"}
    if number % 3 == 2 and first:
        facts["visibleIf"] = _if(first, ("NE", "IN", "ANSWERED")[number % 9 // 3])
    return facts


async def _walk(filling: Any, approving: Any, made: Facts, version: Facts, number: int) -> None:
    """Take a version on its way, as far as its number says."""

    async def take(who: Any, step: str, **given: Any) -> None:
        where = {"id": version["id"], "expectedVersion": version["version"]}
        done = await who.make(f"templateVersion{step}", "templateVersion", **where, **given)
        version["version"] = done["version"]

    marks = {"passMark": "80", "conditionalMark": "60.125", "changeNote": filling.text()}
    await take(filling, "Update", **marks, isPhotoRequiredOnFail=True)
    if number == 0 or number % 4 == 1:
        await take(filling, "Submit")
        await take(approving, "Publish")
    if number % 4 == 1:
        again = await filling.make("templateVersionDraft", "templateVersion", templateId=made["id"])
        await take(filling, "Retire", reason=filling.text())
        version |= again
        await take(filling, "Submit")
    if number % 4 == 3:
        given = {"id": made["id"], "expectedVersion": made["version"]}
        await filling.make("auditTemplateArchive", "auditTemplate", **given)
