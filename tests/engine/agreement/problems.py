"""CAPAs in every state and in several rounds, with trees of causes."""

from datetime import date, timedelta
from typing import Any

from qgp.kit.policy import Role
from tests.company import signature
from tests.engine.agreement import proofs

KINDS = ("CORRECTIVE", "PREVENTIVE", "IMPROVEMENT")
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
METHODS = ("FIVE_WHYS", "FISHBONE", "PARETO")
METRICS = ("SAMPLE", "AUDIT", "TEST")
WAY = ("Open", "Analyze", "Plan", "Implement", "Verify", "CheckEffectiveness", "Close")
FIRST = date(2027, 2, 27)
STAFF = """{ users(filter: {status: {eq: ACTIVE}, role: {in: [EMPLOYEE, AUDITOR, RISK_MANAGER]}}) {
    nodes { id } } }"""
FURTHER = ("RiskReview", "DocumentChange", "Training")
Facts = dict[str, Any]


async def capas(filling: Any, count: int) -> None:
    """Make CAPAs; each goes one step further than the one before it, and some turn off."""
    staff = await filling.api.ask(STAFF)
    people = [row["id"] for row in staff["users"]["nodes"]]
    known = await filling.api.ask("{ findings(first: 20) { nodes { id status } } }")
    found = [row["id"] for row in known["findings"]["nodes"] if row["status"] != "VOID"]
    doer = await filling.company.hire(Role.PROCESS_OWNER, name=filling.text())
    async with doer.signed_in() as api:
        doing = type(filling)(api, filling.company)
        for number in range(count):
            facts = _bare(filling, number) | (_full(filling, number, found) if number % 4 else {})
            owner = people[number % len(people)] if people else None
            made = await filling.make("capaCreate", "capa", ownerId=owner, **facts)
            if number % 8 < 4:
                filling.ids["capa"] = made["id"]  # it goes on, and takes actions
            await _analyze(filling, made["id"], number)
            if owner is not None and number % 4:
                await _walk(filling, doing, made, number)


def _bare(filling: Any, number: int) -> Facts:
    due = str(FIRST + timedelta(days=number % 4))
    texts = {"title": filling.text(), "problemStatement": filling.text()}
    return {"kind": KINDS[number % 3], "priority": PRIORITIES[number % 4], "dueOn": due, **texts}


def _full(filling: Any, number: int, found: list[str]) -> Facts:
    ids = filling.ids
    names = ("sourceJustification", "causeKnownReason", "rootCauseSummary")
    facts: Facts = {name: filling.text() for name in (*names, "effectivenessCriteria")}
    facts |= {"siteId": ids["HQ"], "departmentId": ids["PROD"], "windowDays": 1 + number}
    facts["processId"] = ids[("process TAKE", "process MAKE")[number % 2]]
    facts |= {"sponsorId": filling.company.owner.id, "effectivenessMetric": METRICS[number % 3]}
    facts |= {"causeCategoryId": ids["cause NEW"], "findingIds": found[number % 3 : number % 7]}
    return facts | ({"supplierName": filling.text()} if number % 3 == 0 else {})


async def _analyze(filling: Any, capa: str, number: int) -> None:
    """Look for causes: none, or a tree with a branch, completed or not."""
    for turn in range(number % 3):
        given: Facts = {"capaId": capa, "method": METHODS[number % 3]}
        if turn:
            given["confidence"] = "CONFIRMED"
        made = await filling.make("rootCauseAnalysisCreate", "rootCauseAnalysis", **given)
        above: Facts = {}
        for level in range(4):
            said = {"text": filling.text(), "position": level % 2, "isRoot": level == 3, **above}
            if level % 2:
                said |= {"category": "MACHINE", "kind": "CAUSE"}
            node = await filling.make("causeNodeCreate", "causeNode", analysisId=made["id"], **said)
            above = {"parentId": node["id"]} if level != 1 else above
        if turn:
            given = {"id": made["id"], "expectedVersion": 1}
            await filling.make("rootCauseAnalysisComplete", "rootCauseAnalysis", **given)


async def _walk(filling: Any, doing: Any, made: Facts, number: int) -> None:
    """Take a CAPA on its way, as far as its number says."""
    version = made["version"]

    async def take(step: str, **given: Any) -> None:
        nonlocal version
        if step == "CheckEffectiveness":
            await proofs.photo(filling, made["id"])
        where = {"id": made["id"], "expectedVersion": version}
        version = (await filling.make(f"capa{step}", "capa", **where, **given))["version"]

    why = {"reason": filling.text()}
    closing: Facts = {"result": ("EFFECTIVE", "PARTIAL")[number % 2], "resultNote": filling.text()}
    closing["signature"] = signature("VERIFIED")
    if number % 2:
        further = {f"is{what}Required": True for what in FURTHER}
        await take("Update", **further, **{f"{_low(w)}Note": filling.text() for w in FURTHER})
    told = {"Close": {**closing, "waiverReason": filling.text()}}
    for step in WAY[: number % 8]:
        if step == "Implement":
            await _carry_out(doing, made["id"])
        await take(step, **told.get(step, {}))
    if number % 8 == 2:
        await take("Update", dueOn=str(FIRST + timedelta(days=30)), **why)
    elif number % 8 == 6:
        await take("Fail", resultNote=filling.text())
    elif number % 8 == 7 and number % 3 == 0:
        await take("Reopen", **why)


def _low(name: str) -> str:
    return name[0].lower() + name[1:]


async def _carry_out(doing: Any, capa: str) -> None:
    """Do what a CAPA plans, as somebody who will not verify it."""
    me = (await doing.api.ask("{ viewer { user { id } } }"))["viewer"]["user"]["id"]
    task = {"capaId": capa, "ownerId": me, "dueOn": str(FIRST), "kind": "CORRECTIVE"}
    chore = await doing.make("actionCreate", "action", title=doing.text(), **task)
    for step, more in (("Start", {}), ("Complete", {"completionNote": doing.text()})):
        where = {"id": chore["id"], "expectedVersion": chore["version"]}
        chore = await doing.make(f"action{step}", "action", **where, **more)
