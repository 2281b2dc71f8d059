"""The stage on which stories are played: people act one after the other, at days long past.

A story is an async generator. It lets people act, then yields how many working days pass until it
goes on. What has not happened by yesterday is left as it is: that is how records come to stand in
every state.
"""

import heapq
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from qgp.demo.acts import ACTS, Act
from qgp.demo.calendar import Calendar
from qgp.kit import clock
from qgp.kit.errors import Blocker
from qgp.kit.policy import Principal, Role
from qgp.kit.signing import Meaning
from qgp.kit.work import Work

SEED = "Demo Pumps"
Story = AsyncGenerator[float, None]
_BREATH = timedelta(minutes=2)  # between two things that happen in one go


def dice(*names: object) -> Random:
    """Return chance that is the same each time, and for each story its own."""
    return Random(" ".join(map(str, (SEED, *names))))  # noqa: S311 - it has to be repeatable


@dataclass
class Stage:
    """The organization while its past is played.

    Attributes:
        people: by their key.
        years: of history that are played.
        sites, departments, processes, causes, standards: ids by code.
        clauses: ids by family and number, `ISO9001 8.7`.
        checklists: ids of published template versions, by the checklist's key.
        items: of audit programmes, by the key of the audit that carries them out.
        moment: working day and its fraction, counted from today.
        sequence: of the answers that the tablets of the auditors have sent.
        waiting: nonconformities that no CAPA is behind yet, by theme.
        behind: CAPAs by the finding that they keep from coming again.
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
    _breaths: int = 0
    _stories: list[tuple[float, int, Story]] = field(default_factory=list)
    _numbers: Any = field(default_factory=count)

    async def act(self, who: str, name: str, /, **given: Any) -> Any:
        """Let somebody do something, in their own name and with their own rights."""
        return await self.perform(who, name, ACTS[name], None, given)

    async def step(self, who: str, name: str, row: Any, /, **given: Any) -> Any:
        """Let somebody take a step of a record's workflow; signed, where it can be."""
        meaning = row.workflow.transitions[name].signature
        given |= {"id": row.id, "expected_version": row.version}
        return await self.perform(who, name, ACTS[name], meaning, given)

    async def blockers(self, who: str, name: str, row: Any) -> Sequence[Blocker]:
        """Return what keeps somebody from a step, though they sign it."""
        meaning = row.workflow.transitions[name].signature
        with self._clock():
            async with self.work.impersonate(self.people[who], name, meaning):
                options = await row.workflow.options(self.work, row)
        found: Sequence[Blocker]
        (found,) = [option.blockers for option in options if option.transition.name == name]
        return found

    def begin(self, story: Story, after: float = 0) -> None:
        """Let a story begin some working days from now."""
        heapq.heappush(self._stories, (self.moment + after, next(self._numbers), story))

    async def play(self, tell: Callable[[float], None]) -> None:
        """Play all stories in the order of their days, up to the end of yesterday.

        Args:
            tell: is told the moment of each step.
        """
        while self._stories and self._stories[0][0] < 0:
            self.moment, _, story = heapq.heappop(self._stories)
            self._breaths = 0
            tell(self.moment)
            days = await anext(story, None)
            if days is not None:
                self.begin(story, days)
        for _, _, story in self._stories:
            await story.aclose()
        self._stories.clear()

    @property
    def instant(self) -> datetime:
        """The instant that the stage is at."""
        return self.calendar.instant(self.moment)

    @property
    def today(self) -> date:
        """The day that the stage is at."""
        return self.calendar.day(self.moment)

    def ahead(self, days: float) -> date:
        """Return the day so many working days from the present moment."""
        return self.calendar.day(self.moment + days)

    def role(self, who: str) -> Role:
        """Return what somebody is in the organization."""
        return self.people[who].role

    async def perform(
        self, who: str, name: str, act: Act, meaning: Meaning | None, given: Mapping[str, Any]
    ) -> Any:
        """Let somebody do what has no mutation of its own, or one; `name` is for the trail."""
        caller = self.people[who]
        with self._clock():
            caller.require(act.permission)
            async with self.work.impersonate(caller, name, meaning):
                return await act.run(self.work, **given)

    def _clock(self) -> Any:
        self._breaths += 1
        return clock.fixed(self.calendar.instant(self.moment) + self._breaths * _BREATH)
