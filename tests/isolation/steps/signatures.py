"""Signatures beside those that steps take."""

from typing import Any

from tests.company import signature
from tests.isolation.world import Step, World


def _twice(meaning: str) -> Any:
    """Sign the finding as it stands; who signs first is followed by who signs next."""

    def input_of(world: World) -> dict[str, Any]:
        at = world.at("nc")
        version = at["expectedVersion"]
        return {"recordId": at["id"], "expectedVersion": version, "signature": signature(meaning)}

    return input_of


STEPS = (
    Step("recordSign", "signature", _twice("ACKNOWLEDGED")),
    Step("recordSign", "signature", _twice("REVIEWED"), by="kim"),
)
