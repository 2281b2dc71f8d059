"""Comments, an answer, and one that is taken back."""

from collections.abc import Callable
from typing import Any

from tests.isolation.world import Step, World, change


def comment_input(parent: str | None = None) -> Callable[[World], dict[str, Any]]:
    """Say something about a CAPA, and call two people."""

    def input_of(world: World) -> dict[str, Any]:
        above = {"parentId": world.ids[parent]} if parent else {}
        called = {"mentionIds": [world.ids["eve"], world.ids["max"]]}
        about = {"subjectId": world.ids["capa"], "visibility": "EXTERNAL"}
        return {"body": world.text("body"), **about, **called, **above}

    return input_of


def _better(world: World) -> dict[str, Any]:
    return world.at("remark", body=world.text("body"), mentionIds=[world.ids["max"]])


STEPS = (
    Step("commentCreate", "remark", comment_input()),
    Step("commentCreate", "answer", comment_input("remark")),
    Step("commentUpdate", "remark", _better),
    Step("commentCreate", "slip", comment_input("remark")),
    Step("commentDelete", "slip", change("slip")),
)
