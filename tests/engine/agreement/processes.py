"""A process map of three levels, with and without whatever a process can have."""

from typing import Any

KINDS = ("CORE", "SUPPORT", "MANAGEMENT")
MAP = {"MAKE": None, "TAKE": "MAKE", "BUY": "TAKE", "SELL": "MAKE", "PLAN": None}


async def processes(filling: Any) -> None:
    """Make the map; every other process says what it is about."""
    for number, (code, parent) in enumerate(MAP.items()):
        facts = {"ownerId": filling.company.owner.id, "departmentId": filling.ids["PROD"]}
        facts |= {"inputs": filling.text(), "outputs": filling.text()}
        above = {"parentId": filling.ids[f"process {parent}"]} if parent else {}
        given = {"code": code, "name": filling.text(), "kind": KINDS[number % 3], **above}
        given |= facts if number % 2 else {}
        made = await filling.make("processCreate", "process", **given)
        filling.ids[f"process {code}"] = made["id"]
