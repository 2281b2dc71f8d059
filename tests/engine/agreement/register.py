"""A register of findings in every state, with and without whatever they can have."""

from datetime import date, timedelta
from typing import Any

from qgp.kit.policy import Role
from tests.company import signature
from tests.engine.agreement import proofs

GRADES = ("MAJOR", "MINOR", "OBSERVATION", "OFI", "GOOD_PRACTICE")
SOURCES = ("AUDIT", "COMPLAINT", "SELF_REPORT", "KPI")
DISPOSITIONS = ("REWORK", "SCRAP", "USE_AS_IS")
WAY = ("Open", "Contain", "Analyze", "Act", "Verify", "Close")
FIRST = date(2026, 1, 31)
Facts = dict[str, Any]


async def causes(filling: Any) -> None:
    """Make a tree of causes of three levels."""
    for code, parent in {"PEOPLE": None, "SKILL": "PEOPLE", "NEW": "SKILL", "TOOLS": None}.items():
        above = {"parentId": filling.ids[f"cause {parent}"]} if parent else {}
        given = {"code": code, "name": filling.text(), **above}
        made = await filling.make("causeCategoryCreate", "causeCategory", **given)
        filling.ids[f"cause {code}"] = made["id"]


async def findings(filling: Any, count: int) -> None:
    """Make findings; each goes one step further than the one before it, and some turn off."""
    clauses = [id for id in filling.ids.values() if id.startswith("cls_")]
    staff = await filling.api.ask(
        """{ users(first: 3, filter: {status: {in: [ACTIVE, INVITED]},
        not: {role: {in: [EXTERNAL_AUDITOR, SUPPLIER_CONTACT]}}}) { nodes { id } } }"""
    )
    people = [row["id"] for row in staff["users"]["nodes"] if row["id"] != filling.company.owner.id]
    for number in range(count):
        facts = _bare(filling, number) | (_full(filling, number, clauses) if number % 4 else {})
        owner = people[number % len(people)] if people else None
        made = await filling.make("findingCreate", "finding", ownerId=owner, **facts)
        if number % 4 == 0:
            filling.ids["finding"] = made["id"]  # it stays a draft, and takes actions
        await _walk(filling, made, number, is_owned=owner is not None)


def _bare(filling: Any, number: int) -> Facts:
    day = FIRST + timedelta(days=number % 5)
    grade, source = GRADES[number % 5], SOURCES[number % 4]
    facts: Facts = {"grade": grade, "sourceType": source, "detectedOn": str(day)}
    return facts | {"title": filling.text()}


def _full(filling: Any, number: int, clauses: list[str]) -> Facts:
    ids = filling.ids
    facts: Facts = {"severity": 1 + number % 5, "isSystemic": number % 3 == 0}
    facts |= {name: filling.text() for name in ("statement", "evidenceText", "requirementText")}
    facts |= {"siteId": ids["HQ"], "departmentId": ids["PROD"], "rootCause": filling.text()}
    facts |= {"primaryClauseId": clauses[number % 2], "clauseIds": clauses[2 : 2 + number % 4]}
    facts["processId"] = ids[("process TAKE", "process MAKE")[number % 2]]
    facts |= {"disposition": DISPOSITIONS[number % 3], "detectedById": filling.company.owner.id}
    facts["causeCategoryId"] = ids[("cause NEW", "cause TOOLS")[number % 2]]
    if number % 5 == 3 and "finding" in ids:
        facts["repeatOfId"] = ids["finding"]
    return facts


async def _walk(filling: Any, made: Facts, number: int, *, is_owned: bool) -> None:
    """Take a finding on its way, as far as its number says."""
    if not (is_owned and number % 4):
        return
    version = made["version"]

    async def take(step: str, **given: Any) -> None:
        nonlocal version
        if step == "Verify":
            await proofs.photo(filling, made["id"])
        where = {"id": made["id"], "expectedVersion": version}
        done = await filling.make(f"finding{step}", "finding", **where, **given)
        version = done["version"]

    told = {
        "Contain": {("containmentText", "noContainmentReason")[number % 2]: filling.text()},
        "Close": {"comment": filling.text(), "signature": signature("VERIFIED")},
    }
    for step in WAY[: number % 7]:
        await take(step, **told.get(step, {}))
    if number % 7 == 1 and number % 2:
        concession = {"acceptedUntil": "2099-12-31", "reason": filling.text()}
        await _accept(filling, made["id"], version, concession)
    elif number % 7 in {2, 5}:
        await take("Regrade", grade=GRADES[(number + 1) % 5], reason=filling.text())
    elif number % 7 == 3:
        await take("Void", reason=filling.text())
    elif number % 7 == 6 and number % 2:
        await take("Reopen", reason=filling.text())
    elif number % 7 == 6:
        given = {"recordId": made["id"], "signature": signature("ACKNOWLEDGED")}
        payload = await filling.api.do("recordSign", expectedVersion=version, **given)
        assert payload["errors"] == [], payload["errors"]


async def _accept(filling: Any, id: str, version: int, concession: Facts) -> None:
    """Have a quality manager approve what the owner wrote down."""
    approver = await filling.company.hire(Role.QUALITY_MANAGER)
    async with approver.signed_in() as api:
        given = {"id": id, "expectedVersion": version, "signature": signature("APPROVED")}
        payload = await api.do("findingAccept", **given, **concession)
        assert payload["errors"] == [], payload["errors"]
