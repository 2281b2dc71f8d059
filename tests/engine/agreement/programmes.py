"""Audit programmes in every state, whose items wait, are audited or were dropped."""

from typing import Any

from qgp.kit.policy import Role

STATES = ("Approve", "Start", "Close")
TARGETS = ("siteId", "clauseId", "departmentId", "processId")
RISKS = ("LOW", "MEDIUM", "HIGH")
Facts = dict[str, Any]


async def programmes(filling: Any, count: int) -> None:
    """Make programmes with up to seven items; each goes one step further than the one before."""
    boss = await filling.company.hire(Role.QUALITY_MANAGER, name=filling.text())
    async with boss.signed_in() as api:
        approving = type(filling)(api, filling.company)
        for number in range(count):
            await _programme(filling, approving, number)


async def _programme(filling: Any, approving: Any, number: int) -> None:
    year = 2026 + number % 3
    facts: Facts = {"title": filling.text(), "ownerId": filling.company.owner.id}
    facts |= {"periodStartOn": f"{year}-01-01", "periodEndOn": f"{year}-12-31"}
    facts |= {"method": ("ONSITE", "REMOTE", "HYBRID", "DOCUMENT")[number % 4]}
    if number % 2:
        covers = _some(filling, "std_")[: 1 + number % 3]
        facts |= {"objectives": filling.text(), "riskBasis": filling.text()}
        facts |= {"standardIds": covers}
    made = await filling.make("auditProgrammeCreate", "auditProgramme", **facts)
    filling.ids["programme"] = made["id"]
    items = [await _item(filling, made["id"], year, place) for place in range(number % 8)]
    version = made["version"] + len(items)
    if not items:
        return
    for step in STATES[: number % 4]:
        at = {"id": made["id"], "expectedVersion": version}
        if step == "Close":
            version += await _settle(filling, items)
            at["expectedVersion"] = version
        who = approving if step == "Approve" else filling
        version = (await who.make(f"auditProgramme{step}", "auditProgramme", **at))["version"]
        if step == "Start" and number % 4 == 2:
            await _carry_out(filling, items)


async def _item(filling: Any, programme: str, year: int, place: int) -> Facts:
    kinds = {"siteId": "sit_", "clauseId": "cls_", "departmentId": "dep_", "processId": "prc_"}
    aimed = [TARGETS[place % 4], TARGETS[place * 3 % 4]]
    where = {name: _some(filling, kinds[name])[place % 2 - 1] for name in aimed}
    note = {"note": filling.text()} if place % 2 else {}
    month = {"plannedMonth": f"{year}-{1 + place:02d}-01", "risk": RISKS[place % 3]}
    given = {"programmeId": programme, **month, **where, **note}
    made: Facts = await filling.make("programmeItemCreate", "programmeItem", **given)
    return made


async def _carry_out(filling: Any, items: list[Facts]) -> None:
    """Plan an audit for every other item."""
    for item in items[::2]:
        given = {"id": item["id"], "expectedVersion": item["version"], "title": filling.text()}
        await filling.make("programmeItemPlanAudit", "programmeItem", **given)


async def _settle(filling: Any, items: list[Facts]) -> int:
    """Drop every item, and say how many there were."""
    for item in items:
        given = {"id": item["id"], "expectedVersion": item["version"], "reason": filling.text()}
        await filling.make("programmeItemDrop", "programmeItem", **given)
    return len(items)


def _some(filling: Any, prefix: str) -> list[str]:
    found = [id for id in filling.ids.values() if id.startswith(prefix)]
    return list(dict.fromkeys(found))
