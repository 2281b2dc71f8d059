"""Helpers for the rows of all modules: unusual texts, terms in turn, records of the world."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar
from uuid import UUID

from qgp.kit import ids
from qgp.kit.model import Record
from qgp.kit.work import Work
from qgp.organizations.model import Department, Site
from qgp.processes.model import Process
from qgp.standards.model import Clause, Standard
from tests.isolation.world import World

ODD_TEXTS = (
    'Say "yes" or \'no\'', "back\\slash \\n \\u0041 /slash", "100 % of_all", "two\nlines\n\nmore",
    "tab\there", "Ölprüfung, Straße, naïve, İstanbul", "e\u0301 as e and accent", "日本語の手順",
    "\U0001f9ea \U0001f469\u200d\U0001f52c lab", "<b>&amp;</b> {\"json\": [null]}", "no\u200bjoin",
    "'; DROP TABLE users; --", "$1 :name %(x)s %s ${y}", "\u2028line separator\u2029", "~",
)  # fmt: skip
T = TypeVar("T")
R = TypeVar("R", bound=Record)


def pick(values: Iterable[T], number: int) -> T:
    """Return the value whose turn it is."""
    listed = [*values]
    return listed[number % len(listed)]


@dataclass
class Adding:
    """Adds rows to a world, as the owner of its organization.

    Attributes:
        people: ids of users who own and do things, an employee among them.
        rows: what was added, by its type.
    """

    work: Work
    world: World
    people: Sequence[UUID]
    rows: dict[type[Record], list[Any]] = field(default_factory=dict)
    _turns: Any = field(default_factory=count)

    def text(self) -> str:
        """Return the next odd text."""
        return pick(ODD_TEXTS, next(self._turns))

    def texts(self, *names: str) -> dict[str, str]:
        """Return an odd text for each column."""
        return {name: self.text() for name in names}

    def of_world(self, name: str) -> UUID:
        """Return the id of a record of the world."""
        prefix, _, _ = self.world.ids[name].partition("_")
        return ids.decode(prefix, self.world.ids[name])

    def person(self, number: int) -> UUID:
        """Return the person whose turn it is."""
        return pick(self.people, number)

    def one(self, kind: type[R], number: int) -> R:
        """Return the row of a kind whose turn it is."""
        row: R = pick(self.rows[kind], number)
        return row

    def place(self, number: int) -> dict[str, UUID]:
        """Return a place, every other time the one that a process owner is limited to."""
        if number % 2:
            site, department = self.of_world("plant"), self.of_world("lab")
        else:
            site, department = self.one(Site, number).id, self.one(Department, number).id
        process = self.one(Process, number).id
        return {"site_id": site, "department_id": department, "process_id": process}

    async def add(self, rows: Iterable[R]) -> list[R]:
        """Write rows of one kind, and remember them."""
        added = [*rows]
        await self.work.add(*added)
        self.rows.setdefault(type(added[0]), []).extend(added)
        return added

    async def many(self, count: int, make: Callable[[int], R]) -> list[R]:
        """Write as many rows of one kind, each made of its number."""
        return await self.add(make(number) for number in range(count))

    async def chain(self, length: int, make: Callable[[dict[str, Any]], R]) -> None:
        """Write rows of one kind, each below the one before it."""
        above: dict[str, Any] = {}
        for _ in range(length):
            (row,) = await self.add([make(above)])
            above = {"parent_id": row.id}

    @property
    def standards(self) -> list[UUID]:
        """Ids of standards: two of the world, and what was added."""
        return [self.of_world("old"), self.of_world("latter"), *self._ids(Standard)]

    @property
    def clauses(self) -> list[UUID]:
        """Ids of clauses: one of the world, and what was added."""
        return [self.of_world("rule"), *self._ids(Clause)]

    def _ids(self, kind: type[Record]) -> list[UUID]:
        return [row.id for row in self.rows[kind]]
