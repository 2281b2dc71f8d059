"""A rule of reminders, and one that is deleted."""

from typing import Any

from tests.isolation.world import Step, World, change


def _rule(world: World) -> dict[str, Any]:
    return {"dueDate": "Action.dueOn", "remindDays": [-30, -7], "escalateAfterDays": 5}


def _changed(world: World) -> dict[str, Any]:
    return world.at("reminders", remindDays=[-10, 0], escalateAfterDays=20)


def _spare(world: World) -> dict[str, Any]:
    return _rule(world) | {"dueDate": "Capa.dueOn"}


STEPS = (
    Step("reminderRuleCreate", "reminders", _rule),
    Step("reminderRuleUpdate", "reminders", _changed),
    Step("reminderRuleCreate", "spare-reminders", _spare),
    Step("reminderRuleDelete", "spare-reminders", change("spare-reminders")),
)
