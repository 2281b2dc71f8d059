"""Actions from handing out to verification."""

from collections.abc import Callable
from typing import Any

from tests.isolation.world import Step, World, change


def task(**facts: str) -> Callable[[World], dict[str, Any]]:
    """Hand out an action; facts name the records that it points at."""

    def input_of(world: World) -> dict[str, Any]:
        texts = {name: world.text(name) for name in ("title", "description")}
        named = {key: world.ids[value] for key, value in {"ownerId": "owner", **facts}.items()}
        return {"kind": "CORRECTION", "dueOn": "2027-01-01", **texts, **named}

    return input_of


def _tasks(world: World) -> dict[str, Any]:
    why = {"ownerId": world.ids["owner"], "reason": world.text("why")}
    return {"items": [world.at("task")], **why}


def _days(world: World) -> dict[str, Any]:
    move = {"newDueOn": "2027-03-01", "reason": world.text("why")}
    return {"items": [world.at("task", **move)]}


def _file(world: World) -> dict[str, Any]:
    head, title = "title,kind,owner,dueOn,legacyReference", world.text("of-a-file")
    row = ",".join([title, "FOLLOW_UP", world.company.owner.email, "2027-01-01", title])
    return {"csv": f"{head}\n{row}\n", "isDryRun": False}


STEPS = (
    Step("actionCreate", "task", task()),
    Step("actionCreate", "before", task(findingId="case")),
    Step("actionUpdate", "task", change("task", title=str, description=str)),
    Step("actionReportProgress", "task", change("task", progress=10)),
    Step("actionDependencyAdd", "task", change("task", prerequisiteId="before")),
    Step("actionDependencyRemove", "task", change("task", prerequisiteId="before")),
    Step("actionDependencyAdd", "task", change("task", prerequisiteId="before")),
    Step("actionCancel", "before", change("before", reason=str)),
    Step("actionReschedule", "task", change("task", newDueOn="2027-02-01", reason=str)),
    Step("actionsReschedule", "task", _days),
    Step("actionReassign", "task", change("task", ownerId="eve", reason=str)),
    Step("actionsAssign", "task", _tasks),
    Step("actionReassign", "task", change("task", ownerId="max", reason=str)),
    Step("actionStart", "task", change("task")),
    Step("actionBlock", "task", change("task", reason=str)),
    Step("actionUnblock", "task", change("task")),
    Step("actionComplete", "task", change("task", completionNote=str), by="max"),
    Step("actionReject", "task", change("task", reason=str)),
    Step("actionComplete", "task", change("task", completionNote=str), by="max"),
    Step("actionVerify", "task", change("task")),
    Step("actionsImport", "tasks of a file", _file),
    Step("actionCreate", "left", task(ownerId="zoe")),
    Step("userSuspend", "zoe", change("zoe", reassignOpenWorkToId="kim")),
    Step("userReinstate", "zoe", change("zoe")),
)
