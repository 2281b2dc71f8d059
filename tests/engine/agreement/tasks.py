"""Actions in every state, that wait for each other and were postponed."""

from datetime import date, timedelta
from typing import Any

from qgp.kit.policy import Role

KINDS = ("CORRECTION", "CORRECTIVE", "FOLLOW_UP", "TREATMENT")
PRIORITIES = ("LOW", "MEDIUM", "HIGH", "CRITICAL")
WAY = ("Start", "Block", "Unblock", "Complete", "Verify")
FIRST = date(2027, 1, 30)
Facts = dict[str, Any]


async def actions(filling: Any, count: int) -> None:
    """Make actions; each goes one step further than the one before it, and some turn off."""
    doer = await filling.company.hire(Role.EMPLOYEE, name=filling.text())
    async with doer.signed_in() as api:
        doing = type(filling)(api, filling.company)
        before = None
        for number in range(count):
            facts = _facts(filling, number)
            made = await filling.make("actionCreate", "action", ownerId=doer.id, **facts)
            if before and number % 3 == 0:
                given = {"id": made["id"], "expectedVersion": 1, "prerequisiteId": before}
                await filling.make("actionDependencyAdd", "action", **given)
            else:
                await _walk(filling, doing, made, number)
            before = made["id"]
    given = {"ownerId": filling.company.owner.id, **_facts(filling, 0)}
    filling.ids["action"] = (await filling.make("actionCreate", "action", **given))["id"]


def _facts(filling: Any, number: int) -> Facts:
    due = str(FIRST + timedelta(days=number % 4))
    facts: Facts = {"title": filling.text(), "kind": KINDS[number % 4], "dueOn": due}
    facts |= {"priority": PRIORITIES[number // 2 % 4], "position": number % 3}
    if number % 2:
        facts |= {"description": filling.text(), "isVerificationRequired": number % 4 == 1}
    parents = {"fnd_": "findingId", "cap_": "capaId", "aud_": "auditId"}
    known = {id[:4]: id for id in filling.ids.values() if id[:4] in parents}
    return facts | {parents[kind]: id for kind, id in [*known.items()][number % 3 :][:1]}


async def _walk(filling: Any, doing: Any, made: Facts, number: int) -> None:
    """Take an action on its way, as far as its number says."""
    version = made["version"]

    async def take(step: str, who: Any = doing, **given: Any) -> None:
        nonlocal version
        where = {"id": made["id"], "expectedVersion": version}
        version = (await who.make(f"action{step}", "action", **where, **given))["version"]

    why = {"reason": filling.text()}
    if number % 4 == 1:
        for days in (10, 20):
            await take("Reschedule", filling, newDueOn=str(FIRST + timedelta(days=days)), **why)
    told = {"Block": why, "Complete": {"completionNote": filling.text()}}
    for step in WAY[: number % 6]:
        await take(step, filling if step == "Verify" else doing, **told.get(step, {}))
    if number % 6 == 2:
        await take("Cancel", filling, **why)
