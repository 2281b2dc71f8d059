"""An absent user who is represented; a delegation that is deleted."""

from typing import Any

from tests.isolation.world import Step, World, change


def _absence(world: World) -> dict[str, Any]:
    persons = {"delegatorId": world.ids["eve"], "delegateId": world.ids["owner"]}
    return {**persons, "startsOn": "2020-01-01", "endsOn": "2100-01-01", "reason": world.text("x")}


def _spare(world: World) -> dict[str, Any]:
    return _absence(world) | {"delegatorId": world.ids["zoe"]}


STEPS = (
    Step("delegationCreate", "absence", _absence),
    Step(
        "delegationUpdate",
        "absence",
        change(
            "absence",
            delegateId="owner",
            startsOn="2020-01-02",
            endsOn="2100-01-02",
            reason=str,
        ),
    ),
    Step("delegationCreate", "spare-absence", _spare),
    Step("delegationDelete", "spare-absence", change("spare-absence")),
)
