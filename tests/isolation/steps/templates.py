"""A template through two versions, with sections and questions that are moved and deleted."""

from collections.abc import Callable
from typing import Any

from tests.isolation.world import Step, World, change, signed


def _template(world: World) -> dict[str, Any]:
    texts = {name: world.text(name) for name in ("name", "description")}
    return {"category": "INTERNAL_AUDIT", **texts}


def _next(world: World) -> dict[str, Any]:
    return {"templateId": world.ids["template"]}


def _section(**facts: Any) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        texts = {name: world.text(name) for name in ("title", "guidance")}
        whole = {"templateVersionId": world.ids["checklist"], **texts}
        return {**whole, **{key: world.ids.get(str(v), v) for key, v in facts.items()}}

    return input_of


def _question(section: str = "part", **facts: Any) -> Callable[[World], dict[str, Any]]:
    names = ("text", "help", "guidance", "samplingHint")

    def input_of(world: World) -> dict[str, Any]:
        options = [
            {"key": "A", "label": world.text("label"), "score": "1"},
            {"key": "B", "label": world.text("label"), "isFail": True},
        ]
        whole: dict[str, Any] = {"sectionId": world.ids[section], "type": "SINGLE"}
        whole["options"] = options
        whole |= {"isFindingCreatedOnFail": True, "failGrade": "MINOR"}
        whole |= {"clauseIds": [world.ids["rule"]], **{name: world.text(name) for name in names}}
        return whole | {key: world.ids.get(str(v), v) for key, v in facts.items()}

    return input_of


def _measure(world: World) -> dict[str, Any]:
    facts: dict[str, Any] = {"type": "NUMBER", "options": [], "minimum": "0.5", "maximum": "9"}
    condition = {"questionId": world.ids["choice"], "operator": "EQ", "values": ["A"]}
    unit = world.text("unit")[-40:]
    return _question()(world) | {**facts, "unit": unit, "visibleIf": condition}


def _follow_up(world: World) -> dict[str, Any]:
    condition = {"questionId": world.ids["choice"], "operator": "IN", "values": ["A", "B"]}
    return world.at("more", title=world.text("title"), visibleIf=condition)


STEPS = (
    Step("auditTemplateCreate", "template", _template),
    Step("auditTemplateUpdate", "template", change("template", name=str, description=str)),
    Step("auditTemplateArchive", "template", change("template")),
    Step("auditTemplateRestore", "template", change("template")),
    Step("templateVersionDraft", "checklist", _next),
    Step(
        "templateVersionUpdate",
        "checklist",
        change("checklist", passMark="80", conditionalMark="60.5", changeNote=str),
    ),
    Step("sectionCreate", "part", _section()),
    Step("sectionCreate", "more", _section(isRepeatable=True, maxRepeats=3, afterId="part")),
    Step("sectionCreate", "scrap", _section()),
    Step("questionCreate", "choice", _question()),
    Step("questionCreate", "measure", _measure),
    Step("questionCreate", "slip", _question("scrap", afterId=None)),
    Step("questionUpdate", "choice", change("choice", text=str, criticality="CRITICAL")),
    Step("questionMove", "slip", change("slip", sectionId="more")),
    Step("questionDelete", "slip", change("slip")),
    Step("sectionUpdate", "more", _follow_up),
    Step("sectionMove", "scrap", change("scrap", afterId="part")),
    Step("sectionDelete", "scrap", change("scrap")),
    Step("templateVersionSubmit", "checklist", change("checklist")),
    Step("templateVersionReject", "checklist", change("checklist", reason=str)),
    Step("templateVersionSubmit", "checklist", change("checklist")),
    Step("templateVersionPublish", "checklist", signed("checklist", "APPROVED"), by="kim"),
    Step("templateVersionRetire", "checklist", change("checklist", reason=str)),
    Step("templateVersionDraft", "second", _next),
    Step("templateVersionSubmit", "second", change("second")),
    Step("templateVersionPublish", "second", signed("second", "APPROVED"), by="kim"),
    Step("templateVersionDraft", "third", _next),
    Step("sectionCreate", "spare", _section(templateVersionId="third")),
    Step("questionCreate", "doubt", _question("spare")),
    Step("auditTemplateArchive", "template", change("template")),
)
