"""Playback of scenarios: users run commands one after the other, at instants in the past.

A scenario is an async generator. It runs commands, then yields the number of working days until it
continues. It ends at yesterday's end, wherever it is then: so records remain in every state.
"""

import heapq
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from qgp.demo.calendar import Calendar
from qgp.demo.commands import COMMANDS, DemoCommand
from qgp.kit import clock
from qgp.kit.errors import Blocker
from qgp.kit.impersonation import impersonate
from qgp.kit.policy import Principal, Role
from qgp.kit.signing import Meaning
from qgp.kit.work import Work

SEED = "Demo Pumps"
Scenario = AsyncGenerator[float, None]
_PAUSE = timedelta(minutes=2)  # between two commands of one step of a scenario


def random_for(*names: object) -> Random:
    """Return a random generator seeded with the names: the same numbers in each run."""
    return Random(" ".join(map(str, (SEED, *names))))  # noqa: S311 - it has to be repeatable


@dataclass
class Playback:
    """The organization during the playback.

    Attributes:
        people: by their key.
        years: of history.
        sites, departments, processes, causes, standards: ids by code.
        clauses: ids by family and number, `ISO9001 8.7`.
        checklists: ids of published template versions, by the checklist's key.
        items: of audit programmes, by the key of the audit that carries them out.
        moment: working day and its fraction, counted from today.
        sequence: of the responses that the auditors' devices have sent.
        waiting: nonconformities without a CAPA, by theme.
        behind: CAPAs by the finding whose recurrence they prevent.
    """

    work: Work
    calendar: Calendar
    people: Mapping[str, Principal]
    years: int
    sites: dict[str, UUID] = field(default_factory=dict)
    departments: dict[str, UUID] = field(default_factory=dict)
    processes: dict[str, UUID] = field(default_factory=dict)
    causes: dict[str, UUID] = field(default_factory=dict)
    standards: dict[str, UUID] = field(default_factory=dict)
    clauses: dict[str, UUID] = field(default_factory=dict)
    checklists: dict[str, UUID] = field(default_factory=dict)
    items: dict[str, Any] = field(default_factory=dict)
    waiting: dict[str, list[Any]] = field(default_factory=dict)
    behind: dict[UUID, list[Any]] = field(default_factory=dict)
    moment: float = 0
    sequence: int = 0
    _pauses: int = 0
    _scenarios: list[tuple[float, int, Scenario]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    async def run(self, who: str, name: str, /, **inputs: Any) -> Any:
        """Run a command as a user, with the user's permissions."""
        return await self.execute(who, name, COMMANDS[name], None, inputs)

    async def transition(self, who: str, name: str, row: Any, /, **inputs: Any) -> Any:
        """Run a transition of a record as a user, with a signature where it takes one."""
        meaning = row.workflow.transitions[name].signature
        inputs |= {"id": row.id, "expected_version": row.version}
        return await self.execute(who, name, COMMANDS[name], meaning, inputs)

    async def blockers(self, who: str, name: str, row: Any) -> Sequence[Blocker]:
        """Return the blockers of a transition for a user who signs it."""
        meaning = row.workflow.transitions[name].signature
        with self._clock():
            async with impersonate(self.work, self.people[who], name, meaning):
                options = await row.workflow.options(self.work, row)
        blockers: Sequence[Blocker]
        (blockers,) = [option.blockers for option in options if option.transition.name == name]
        return blockers

    def schedule(self, scenario: Scenario, after: float = 0) -> None:
        """Start a scenario some working days after the present moment."""
        heapq.heappush(self._scenarios, (self.moment + after, next(self._numbers), scenario))

    async def play(self, report: Callable[[float], None]) -> None:
        """Run all scenarios in the order of their days, up to the end of yesterday.

        Args:
            report: called with the moment of each step.
        """
        while self._scenarios and self._scenarios[0][0] < 0:
            self.moment, _, scenario = heapq.heappop(self._scenarios)
            self._pauses = 0
            report(self.moment)
            days = await anext(scenario, None)
            if days is not None:
                self.schedule(scenario, days)
        for _, _, scenario in self._scenarios:
            await scenario.aclose()
        self._scenarios.clear()

    @property
    def instant(self) -> datetime:
        """Present instant of the playback."""
        return self.calendar.instant(self.moment)

    @property
    def today(self) -> date:
        """Present day of the playback."""
        return self.calendar.day(self.moment)

    def ahead(self, days: float) -> date:
        """Return the day so many working days from the present moment."""
        return self.calendar.day(self.moment + days)

    def role(self, who: str) -> Role:
        """Return the role of a user."""
        return self.people[who].role

    async def execute(
        self,
        who: str,
        name: str,
        command: DemoCommand,
        meaning: Meaning | None,
        inputs: Mapping[str, Any],
    ) -> Any:
        """Run a command under a name for the audit trail; it need not have a mutation."""
        caller = self.people[who]
        with self._clock():
            caller.require(command.permission)
            async with impersonate(self.work, caller, name, meaning):
                return await command.run(self.work, **inputs)

    def _clock(self) -> Any:
        self._pauses += 1
        return clock.fixed(self.calendar.instant(self.moment) + self._pauses * _PAUSE)
