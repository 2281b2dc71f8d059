"""Findings on every way that they can take, and categories of causes."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from qgp.kit import clock
from tests.isolation.steps.evidence import item
from tests.isolation.world import Step, World, change, place, signed


def found(**facts: Any) -> Callable[[World], dict[str, Any]]:
    """Write down something found; names of records stand for their ids."""
    names = ("title", "statement", "evidenceText", "requirementText", "rootCause")

    def input_of(world: World) -> dict[str, Any]:
        ids = world.ids
        who = {"ownerId": ids["eve"], "detectedById": ids["owner"]}
        where = {"siteId": ids["plant"], "departmentId": ids["lab"]}
        where["processId"] = ids["process"]
        why = {"causeCategoryId": ids["cause"], "severity": 3, "isSystemic": True}
        clauses = {"primaryClauseId": ids["rule"], "clauseIds": [ids["chapter"]]}
        common = {"grade": "MAJOR", "sourceType": "AUDIT", "disposition": "REWORK"}
        values = {key: ids.get(value, value) for key, value in facts.items()}
        texts = {name: world.text(name) for name in names}
        return {**common, **who, **where, **why, **clauses, **texts, **values}

    return input_of


def _assigned(world: World) -> dict[str, Any]:
    why = {"ownerId": world.ids["eve"], "reason": world.text("why")}
    return {"items": [world.at("nc")], **why}


def _due(world: World) -> dict[str, Any]:
    move = {"newClosureDueOn": "2099-04-01", "reason": world.text("why")}
    return {"items": [world.at("nc", **move)]}


def _file(*, is_wrong: bool) -> Callable[[World], dict[str, Any]]:
    def input_of(world: World) -> dict[str, Any]:
        grade, title = "HUGE" if is_wrong else "OFI", world.text("of-a-file")
        csv = f"grade,sourceType,title,site,legacyReference\n{grade},PROCESS,{title},,{title}\n"
        return {"csv": csv, "isDryRun": is_wrong}

    return input_of


_TERM = str(clock.today() + timedelta(90))
_ACCEPT = Step(
    "findingGrantConcession",
    "wish",
    signed("wish", "APPROVED", reason=str, acceptedUntil=_TERM),
    by="kim",
)
_DECIDED_BY_TWO = (
    Step("findingRequestVoid", "twin", change("twin", reason=str)),
    Step("findingRejectRequest", "twin", change("twin", reason=str)),
    Step("findingRequestVoid", "twin", change("twin", reason=str)),
    Step("findingVoid", "twin", signed("twin", "APPROVED", reason=str), by="kim"),
    *(
        step
        for name in ("mild", "stop", "heavy")
        for step in (
            Step("findingCreate", name, found()),
            Step("findingOpen", name, change(name)),
        )
    ),
    Step("findingRequestRegrade", "mild", change("mild", grade="OFI", reason=str)),
    Step("findingApproveRegrade", "mild", signed("mild", "APPROVED"), by="kim"),
    Step("findingRequestRegrade", "heavy", change("heavy", grade="MINOR", reason=str)),
    Step(
        "findingRequestConcession",
        "stop",
        signed("stop", "APPROVED", acceptedUntil=_TERM, reason=str),
    ),
)
STEPS = (
    Step("causeCategoryCreate", "causes", place("causes")),
    Step("causeCategoryCreate", "cause", place("cause", "causes")),
    Step("causeCategoryUpdate", "cause", change("cause", name=str, parentId="causes")),
    Step("findingCreate", "nc", found(grade="MINOR")),
    Step("findingUpdate", "nc", change("nc", statement=str, ownerId="kim")),
    Step("findingsAssign", "nc", _assigned),
    Step("findingOpen", "nc", change("nc")),
    Step(
        "findingReschedule",
        "nc",
        change("nc", newResponseDueOn="2099-01-01", newClosureDueOn="2099-03-01", reason=str),
    ),
    Step("findingsReschedule", "nc", _due),
    Step("findingRecordContainment", "nc", change("nc", containmentText=str)),
    Step("findingStartAnalysis", "nc", change("nc")),
    Step(
        "findingStartCorrectiveAction", "nc", change("nc", rootCause=str, causeCategoryId="cause")
    ),
    Step("evidenceItemCreate", "proof", item("nc")),
    Step("findingSubmitForVerification", "nc", change("nc")),
    Step("findingRejectCorrectiveAction", "nc", change("nc", reason=str)),
    Step("findingSubmitForVerification", "nc", change("nc")),
    Step("findingClose", "nc", signed("nc", "VERIFIED", comment=str)),
    Step("findingReopen", "nc", change("nc", reason=str)),
    Step("findingStartCorrectiveAction", "nc", change("nc")),
    Step("evidenceItemCreate", "second proof", item("nc")),
    Step("findingSubmitForVerification", "nc", change("nc")),
    Step("findingClose", "nc", signed("nc", "VERIFIED", comment=str)),
    Step("findingCreate", "twin", found(grade="MINOR", repeatOfId="nc")),
    Step("findingRegrade", "twin", change("twin", grade="MAJOR", reason=str)),
    Step("findingsOpen", "twin", lambda world: {"items": [world.at("twin")]}),
    Step("findingRecordContainment", "twin", change("twin", noContainmentReason=str)),
    Step("findingCorrect", "twin", change("twin", severity=2, reason=str)),
    *_DECIDED_BY_TWO,
    Step("findingCreate", "wish", found(grade="OFI", repeatOfId="nc")),
    Step("findingOpen", "wish", change("wish")),
    _ACCEPT,
    Step("findingRevokeConcession", "wish", change("wish", reason=str)),
    _ACCEPT,
    Step("findingCreate", "case", found(grade="MINOR")),
    Step("findingsImport", "a wrong file", _file(is_wrong=True)),
    Step("findingsImport", "findings of a file", _file(is_wrong=False)),
)
