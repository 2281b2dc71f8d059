"""Signatures beside those that steps take."""

from typing import Any

from tests.company import signature
from tests.isolation.world import Step, World, change


def _signs(record: str, meaning: str) -> Any:
    """Sign the current version of a finding; each step signs as the next user."""

    def input_of(world: World) -> dict[str, Any]:
        at = world.at(record)
        version = at["expectedVersion"]
        return {"recordId": at["id"], "expectedVersion": version, "signature": signature(meaning)}

    return input_of


STEPS = (
    Step("recordSign", "signature", _signs("nc", "ACKNOWLEDGED")),
    Step("recordSign", "signature", _signs("nc", "REVIEWED"), by="kim"),
    Step("recordSign", "superseded", _signs("case", "ACKNOWLEDGED")),
    Step("findingUpdate", "case", change("case", severity=2)),
)
