"""Comments on whatever has them, with answers, changed and deleted ones."""

from typing import Any

VISIBLE = ("INTERNAL", "EXTERNAL", "EXTERNAL")
SUBJECTS = """{ findings(first: 6) { nodes { id } } capas(first: 4) { nodes { id } }
    actions(first: 4) { nodes { id } } audits(first: 4) { nodes { id } }
    users(first: 3, filter: {role: {in: [EMPLOYEE, OWNER]}}) { nodes { id } } }"""


async def comments(filling: Any, count: int) -> None:
    """Comment on records of each kind in turn."""
    known = {name: page["nodes"] for name, page in (await filling.api.ask(SUBJECTS)).items()}
    people = [row["id"] for row in known.pop("users")]
    about = [row["id"] for rows in known.values() for row in rows]
    for number in range(count):
        given = {"subjectId": about[number % len(about)], "visibility": VISIBLE[number % 3]}
        called = {"mentionIds": people[: number % 4]} if number % 2 else {}
        made = await _say(filling, **given, **called)
        filling.ids["comment"] = made["id"]
        for _ in range(number % 3):
            reply = await _say(filling, **given, parentId=made["id"])
        if number % 5 == 2:
            await _change(filling, "Delete", reply)
        if number % 4 == 1:
            await _change(filling, "Update", made, body=filling.text())


async def _say(filling: Any, **given: Any) -> Any:
    return await filling.make("commentCreate", "comment", body=filling.text(), **given)


async def _change(filling: Any, how: str, made: Any, **given: Any) -> None:
    where = {"id": made["id"], "expectedVersion": made["version"]}
    await filling.make(f"comment{how}", "comment", **where, **given)
