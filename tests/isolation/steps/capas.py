"""CAPAs with their analyses, in rounds."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from qgp.capas.model import Capa
from qgp.kit import clock, ids
from tests.isolation.steps.actions import task
from tests.isolation.steps.evidence import item
from tests.isolation.world import Step, World, change, signed
from tests.kit.work import work_of

AGAIN = ("causeKnownReason", "riskReviewNote", "documentChangeNote", "trainingNote")


def _problem(*findings: str, **facts: Any) -> Callable[[World], dict[str, Any]]:
    """Write a CAPA down; names of records stand for their ids."""
    said = ("title", "problemStatement", "sourceJustification")
    names = (*said, "causeKnownReason", "rootCauseSummary", "effectivenessCriteria")

    def input_of(world: World) -> dict[str, Any]:
        named = world.ids
        who = {"ownerId": named["eve"], "sponsorId": named["owner"]}
        where = {"siteId": named["plant"], "departmentId": named["lab"]}
        where["processId"] = named["process"]
        why = {"causeCategoryId": named["cause"], "effectivenessMetric": "SAMPLE"}
        behind = {"findingIds": [named[name] for name in findings], "dueOn": "2027-01-01"}
        values = {key: world.text(key) if value is str else value for key, value in facts.items()}
        texts = {name: world.text(name) for name in names}
        return {**who, **where, **why, **behind, **texts, **values}

    return input_of


def _cause(parent: str | None = None) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        above = {"parentId": world.ids[parent]} if parent else {}
        said = {"text": world.text("why"), "category": "MACHINE", "isRoot": True}
        return {"analysisId": world.ids["analysis"], **said, **above}

    return input_of


def _analysis(world: World) -> dict[str, Any]:
    return {"capaId": world.ids["capa"], "method": "FISHBONE", "confidence": "PROBABLE"}


async def _last_day_of_the_window(world: World) -> None:
    """Let the effectiveness window end tomorrow, so that a waiver is possible."""
    id = world.ids["capa"]
    async with work_of(world.company) as work:
        capa = await work.get(Capa, ids.decode("cap", id))
        due = {"effectiveness_due_on": clock.today() + timedelta(1)}
        world.versions[id] = (await work.change(capa, due)).version


def _assigned(world: World) -> dict[str, Any]:
    why = {"ownerId": world.ids["kim"], "reason": world.text("why")}
    return {"items": [world.at("capa")], **why}


STEPS = (
    Step("capaCreate", "capa", _problem("wish", supplierName=str)),
    Step("capaUpdate", "capa", change("capa", rootCauseSummary=str, sponsorId="owner")),
    Step("capasAssign", "capa", _assigned),
    Step("capaLinkFinding", "capa", change("capa", findingId="case")),
    Step("capaUnlinkFinding", "capa", change("capa", findingId="wish")),
    Step("capaOpen", "capa", change("capa")),
    Step("capaStartAnalysis", "capa", change("capa")),
    Step("rootCauseAnalysisCreate", "analysis", _analysis),
    Step("rootCauseAnalysisUpdate", "analysis", change("analysis", method="TIMELINE")),
    Step("causeNodeCreate", "slip", _cause()),
    Step("causeNodeDelete", "slip", change("slip")),
    Step("causeNodeCreate", "top", _cause()),
    Step("causeNodeCreate", "below", _cause("top")),
    Step("causeNodeUpdate", "below", change("below", text=str, parentId="top")),
    Step("rootCauseAnalysisComplete", "analysis", change("analysis")),
    Step("capaStartPlanning", "capa", change("capa")),
    Step("actionCreate", "chore", task(capaId="capa", ownerId="max")),
    Step("capaReleasePlan", "capa", change("capa")),
    Step("actionStart", "chore", change("chore")),
    Step("actionComplete", "chore", change("chore", completionNote=str), by="max"),
    Step("capaSubmitForVerification", "capa", change("capa")),
    Step("evidenceItemCreate", "result", item("capa")),
    Step("capaConfirmImplementation", "capa", change("capa")),
    Step("capaRecordIneffective", "capa", change("capa", resultNote=str)),
    Step("capaUpdate", "capa", change("capa", causeKnownReason=str)),
    Step("capaStartPlanning", "capa", change("capa")),
    Step("actionCreate", "second chore", task(capaId="capa", ownerId="max")),
    Step("capaReleasePlan", "capa", change("capa")),
    Step("actionStart", "second chore", change("second chore")),
    Step("actionComplete", "second chore", change("second chore", completionNote=str), by="max"),
    Step("capaSubmitForVerification", "capa", change("capa")),
    Step("evidenceItemCreate", "second result", item("capa")),
    Step("capaConfirmImplementation", "capa", change("capa")),
    Step("evidenceItemCreate", "effect", item("capa")),
    Step(
        "capaClose",
        "capa",
        signed("capa", "VERIFIED", result="PARTIAL", resultNote=str, waiverReason=str),
        awaits=_last_day_of_the_window,
    ),
    Step("capaReopen", "capa", change("capa", reason=str)),
    Step("capaUpdate", "capa", change("capa", **dict.fromkeys(AGAIN, str))),
    Step("capaStartPlanning", "capa", change("capa")),
    Step("actionCreate", "third chore", task(capaId="capa", ownerId="max")),
    Step("capaReleasePlan", "capa", change("capa")),
    Step("actionStart", "third chore", change("third chore")),
    Step("actionComplete", "third chore", change("third chore", completionNote=str), by="max"),
    Step("capaSubmitForVerification", "capa", change("capa")),
    Step("evidenceItemCreate", "third result", item("capa")),
    Step("capaConfirmImplementation", "capa", change("capa")),
    Step("capaCreate", "plan", _problem("wish")),
    Step("capaCancel", "plan", change("plan", reason=str)),
)
