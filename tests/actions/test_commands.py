"""Random sequences of commands, side by side with a small model of the workflow."""

import random
from dataclasses import dataclass, field
from typing import Any

import pytest

from qgp.actions.model import Action
from qgp.kit import ids
from qgp.kit.policy import Role
from tests.actions.action_commands import attempt, hand_out, needs, show
from tests.actions.test_workflow import MANAGERS, OPTIONS, TABLE, VERIFIERS, WORK
from tests.company import Client, Company, Person
from tests.lives import STEPS, agrees

MOVES = {name for moves in TABLE.values() for name in moves}
CALLERS = {"actionVerify": VERIFIERS, "actionReject": VERIFIERS, "actionCancel": MANAGERS}
OPEN = {"TODO", "IN_PROGRESS", "BLOCKED"}
COMMANDS = (
    "actionStart", "actionStart", "actionComplete", "actionComplete", "actionVerify",
    "actionReject", "actionBlock", "actionUnblock", "actionCancel", "actionReassign",
    "actionReschedule", "actionDependencyAdd", "actionDependencyRemove", "actionUpdate",
)  # fmt: skip


@dataclass
class Model:
    """What an action should be."""

    id: str
    owner: str
    status: str = "TODO"
    states: list[str] = field(default_factory=lambda: ["TODO"])
    version: int = 1
    done_by: str | None = None
    day: int = 1
    moves: int = 0
    waits: list["Model"] = field(default_factory=list)

    def blockers(self, step: str, who: Person, role: Role) -> list[str]:
        """Return what keeps the user from a step, apart from the state."""
        codes = []
        roles = VERIFIERS if step in {"actionVerify", "actionReject"} else MANAGERS
        if role not in roles and not (who.id == self.owner and step in WORK):
            codes.append("FORBIDDEN")
        if step in {"actionVerify", "actionReject"} and who.id in {self.owner, self.done_by}:
            codes.append("VERIFIER_DIFFERS")
        if step in {"actionStart", "actionComplete"}:
            unfinished = [other for other in self.waits if other.status in OPEN]
            is_limited = role is Role.EMPLOYEE  # to actions that they own; hidden ones count once
            hidden = [other for other in unfinished if is_limited and other.owner != who.id]
            count = len(unfinished) - len(hidden) + bool(hidden)
            codes += ["DEPENDENCIES_DONE"] * count
        return codes

    def reaches(self, other: "Model") -> bool:
        """Say whether it waits for the other, or is it."""
        return self is other or any(each.reaches(other) for each in self.waits)


@dataclass
class Story:
    """A company's actions as they are, and as they should be."""

    chance: random.Random
    people: dict[Role, tuple[Person, Client]]
    actions: list[Model]

    def drawn(self) -> tuple[Model, str, Role, dict[str, Any]]:
        """Draw a command, who gives it, and on what."""
        action, command = self.chance.choice(self.actions), self.chance.choice(COMMANDS)
        role, other = self.chance.choice([*self.people]), self.chance.choice(self.actions)
        owner = self.chance.choice([who.id for who, _ in self.people.values()])
        values: dict[str, Any] = {
            "actionReassign": {"ownerId": owner, "reason": "x"},
            "actionReschedule": {
                "newDueOn": f"2027-03-0{self.chance.randint(1, 3)}",
                "reason": "x",
            },
            "actionDependencyAdd": {"prerequisiteId": other.id},
            "actionDependencyRemove": {"prerequisiteId": other.id},
            "actionUpdate": {"title": f"T{self.chance.random()}"},
        }
        return action, command, role, values.get(command, needs(command))

    def expected(
        self, action: Model, command: str, role: Role, values: dict[str, Any]
    ) -> list[str]:
        """Return what the command should be refused with, and do it to the model if it is not."""
        who, _ = self.people[role]
        if command not in MOVES:
            if role not in MANAGERS:
                return ["FORBIDDEN"]
            is_open = action.status in OPEN
            return self._changed(action, command, values) if is_open else ["BAD_USER_INPUT"]
        if role not in CALLERS.get(command, {role}):
            return ["FORBIDDEN"]
        if role is Role.EMPLOYEE and who.id != action.owner:
            return ["NOT_FOUND"]
        target = TABLE[action.status].get(command)
        missing = ["WRONG_STATE"][: target is None] + action.blockers(command, who, role)
        return missing or self._moved(action, command, str(target), who)

    def _moved(self, action: Model, command: str, target: str, who: Person) -> list[str]:
        action.status, action.version = target, action.version + 1
        action.states.append(target)
        if command == "actionComplete":
            action.done_by = who.id
        if command == "actionReject":
            action.done_by = None
        return []

    def _changed(self, action: Model, command: str, values: dict[str, Any]) -> list[str]:
        if command == "actionReassign":
            if values["ownerId"] == action.owner:
                return ["BAD_USER_INPUT"]
            action.owner = values["ownerId"]
        elif command == "actionReschedule":
            day = int(values["newDueOn"][-1])
            if day == action.day:
                return ["BAD_USER_INPUT"]
            action.day, action.moves = day, action.moves + 1
        elif command != "actionUpdate":
            return self._waits(action, command, values["prerequisiteId"])
        action.version += 1
        return []

    def _waits(self, action: Model, command: str, id: str) -> list[str]:
        (other,) = [each for each in self.actions if each.id == id]
        if command == "actionDependencyRemove":
            if other not in action.waits:
                return ["NOT_FOUND"]
            action.waits.remove(other)
        elif other.reaches(action):
            return ["BAD_USER_INPUT"]
        elif other in action.waits:
            return ["ALREADY_EXISTS"]
        else:
            action.waits.append(other)
        return []


@pytest.mark.lives
async def test_any_sequence_of_commands_ends_as_the_model_says(
    company: Company, api: Client, chance: random.Random
) -> None:
    auditor, eve = await company.hire(Role.LEAD_AUDITOR), await company.hire(Role.EMPLOYEE)
    async with auditor.signed_in() as theirs, eve.signed_in() as hers:
        people = {
            Role.OWNER: (company.owner, api),
            Role.LEAD_AUDITOR: (auditor, theirs),
            Role.EMPLOYEE: (eve, hers),
        }
        owners = [eve.id, company.owner.id, auditor.id]
        created = [Model(await hand_out(api, owner), owner) for owner in owners]
        story = Story(chance, people, created)
        for place in range(STEPS):
            action, command, role, values = story.drawn()
            version = action.version
            cases = (place, command, role, action)
            expected = story.expected(action, command, role, values)
            client = people[role][1]
            assert await attempt(client, command, action.id, version, **values) == expected, cases
            await agree(story, action, role)
    for action in story.actions:
        await agrees(company, Action, ids.decode("act", action.id), action)


async def agree(story: Story, action: Model, role: Role) -> None:
    """Compare what the role sees of an action with the model."""
    who, client = story.people[role]
    more = "dueOn originalDueOn owner { id } dueDateChanges { totalCount }"
    record = await show(client, action.id, f"{OPTIONS} {more}")
    if role is Role.EMPLOYEE and action.owner != who.id:
        assert record is None
        return
    assert (record["status"], record["version"]) == (action.status, action.version)
    assert (record["dueOn"], record["originalDueOn"]) == (f"2027-03-0{action.day}", "2027-03-01")
    assert record["owner"] == {"id": action.owner}
    assert record["dueDateChanges"]["totalCount"] == action.moves
    options = {
        m["name"]: [b["code"] for b in m["blockers"]] for m in record["availableTransitions"]
    }
    assert options == {step: action.blockers(step, who, role) for step in TABLE[action.status]}
