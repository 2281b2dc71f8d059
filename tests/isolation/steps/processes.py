"""The process map."""

from typing import Any

from tests.isolation.world import Step, World, change


def _process(world: World) -> dict[str, Any]:
    ids = world.ids
    texts = {name: world.text(name) for name in ("name", "inputs", "outputs")}
    where = {"ownerId": ids["eve"], "departmentId": ids["lab"]}
    return {"code": world.text("core")[-40:], "kind": "CORE", **texts, **where}


def _part(world: World) -> dict[str, Any]:
    code = world.text("part")[-40:]
    return {**_process(world), "code": code, "parentId": world.ids["process"]}


STEPS = (
    Step("processCreate", "process", _process),
    Step("processCreate", "subprocess", _part),
    Step(
        "processUpdate",
        "subprocess",
        change("subprocess", name=str, parentId="process", ownerId="max"),
    ),
)
