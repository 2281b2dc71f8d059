"""State machines as values: which moves there are, who may make them, what must hold before."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, validates

from qgp.kit import ids
from qgp.kit.errors import Blocker, TransitionNotAllowed
from qgp.kit.names import to_camel
from qgp.kit.policy import QUALITY, Principal, Role, asking, either
from qgp.kit.signing import Meaning
from qgp.kit.visibility import readable_among


class Facts(Protocol):
    """What a guard may ask while it decides."""

    @property
    def caller(self) -> Principal:
        """The signed-in user."""

    @property
    def signature(self) -> Meaning | None:
        """What the caller proved to mean by signing; None where nothing is signed."""
        return None

    def load(self, loader: Any, key: Any) -> Awaitable[Any]:
        """Load through the operation's loaders."""

    async def once(self, name: str, statement: sa.Select[Any]) -> Sequence[Any]:
        """Return the first column of a statement that one operation runs once, for all rows."""


Guard = Callable[[Facts, Any], Awaitable[Sequence[Blocker]]]


@dataclass(frozen=True)
class Separation:
    """A rule of four eyes: who takes the step is none of the people that these columns name.

    Attributes:
        code: of the blocker.
        columns: of the record, each with a user's id.
        told: what to do, as a sentence.
    """

    code: str
    columns: tuple[str, ...]
    told: str


@dataclass(frozen=True)
class Transition:
    """One move.

    Attributes:
        name: the verb, camelCase, as in the mutation's name.
        sources: the states it starts from.
        target: the state it leads to.
        roles: who may make it.
        guards: what must hold; each answers with what is missing. A code stands for the guard
            that the module registers with `Workflow.guard`, where it has to look beyond the row.
        owners: columns of the record that name users who may make it too, whatever their role.
        separation: who may not, although their role may.
        is_explained: whether a reason has to come along.
        signature: what whoever takes it signs it as; a guard says where they have to.
    """

    name: str
    sources: frozenset[StrEnum]
    target: StrEnum
    roles: frozenset[Role]
    guards: tuple[Guard | str, ...] = ()
    owners: tuple[str, ...] = ()
    separation: Separation | None = None
    is_explained: bool = False
    signature: Meaning | None = None

    @property
    def people(self) -> Sequence[str]:
        """Who may make it by being somebody to the record, such as its owner."""
        names = (column.removesuffix("_id") for column in self.owners)
        return ["creator" if name == "created_by" else to_camel(name) for name in names]

    @property
    def looks_at_row(self) -> bool:
        """Whether the record itself decides, not only its state."""
        return bool(self.guards or self.owners or self.separation)


@dataclass(frozen=True)
class Option:
    """A transition as seen from one record by one user: ready when nothing blocks it."""

    transition: Transition
    blockers: Sequence[Blocker]


class Workflow:
    """The moves of one kind of record.

    Args:
        starts: states that a new record may have.
        transitions: every move there is; all others are refused.
    """

    def __init__(self, starts: set[StrEnum], *transitions: Transition) -> None:
        self.starts = frozenset(starts)
        self.transitions: Mapping[str, Transition] = {move.name: move for move in transitions}
        self._guards: dict[str, Guard] = {}

    def guard(self, code: str) -> Callable[[Guard], Guard]:
        """Register the guard that a code of the transitions stands for.

        Raises:
            KeyError: no transition names the code.
        """
        if code not in self.codes:
            raise KeyError(code)

        def register(guard: Guard) -> Guard:
            self._guards[code] = guard
            return guard

        return register

    @property
    def codes(self) -> frozenset[str]:
        """The codes that stand for guards."""
        named = (guard for move in self.transitions.values() for guard in move.guards)
        return frozenset(guard for guard in named if isinstance(guard, str))

    @property
    def unguarded(self) -> frozenset[str]:
        """The codes for which no guard is registered; none may be left."""
        return self.codes - self._guards.keys()

    @property
    def most_options(self) -> int:
        """The most moves that there are out of one state."""
        moves = self.transitions.values()
        states = Counter(source for move in moves for source in move.sources)
        return max(states.values(), default=0)

    async def options(self, facts: Facts, row: "Stateful") -> list[Option]:
        """Return the moves out of the record's state, each with what blocks it for the caller."""
        moves = [t for t in self.transitions.values() if row.status in t.sources]
        return [Option(move, await self._blockers(facts, row, move)) for move in moves]

    def open_to(self, role: Role) -> Mapping[StrEnum, Sequence[Option]] | None:
        """Return the options out of each state, or None where the row has to be looked at."""
        moves = self.transitions.values()
        if any(move.looks_at_row for move in moves):
            return None
        states = {source for move in moves for source in move.sources}
        return {
            state: [Option(m, _of_role(role, m)) for m in moves if state in m.sources]
            for state in states
        }

    async def move(self, facts: Facts, row: "Stateful", name: str) -> None:
        """Make the named move.

        Raises:
            TransitionNotAllowed: the state has no such move, or a guard blocks it.
        """
        move = self.transitions[name]
        blockers = await self._blockers(facts, row, move)
        if row.status not in move.sources:
            allowed = " or ".join(sorted(source.value for source in move.sources))
            message = f"It is {row.status.value}; this needs {allowed}.{self._way(row, move)}"
            blockers = [Blocker("WRONG_STATE", message), *blockers]
        if blockers:
            told = " ".join(blocker.message for blocker in blockers)
            raise TransitionNotAllowed(f"This step is not possible now. {told}", blockers)
        row.enter(move.target)

    def _way(self, row: "Stateful", wanted: Transition) -> str:
        """Tell which step leads on to where the wanted one starts, if one does."""
        moves = self.transitions.values()
        ways = [t.name for t in moves if row.status in t.sources and t.target in wanted.sources]
        return f" Take the step {either(ways)} first." if ways else ""

    async def _blockers(self, facts: Facts, row: "Stateful", move: Transition) -> list[Blocker]:
        found = [] if _owns(facts, row, move) else _of_role(facts.caller.role, move)
        found.extend(_kept_apart(facts, row, move))
        for guard in move.guards:
            check = self._guards[guard] if isinstance(guard, str) else guard
            found.extend(await check(facts, row))
        return await _without_hidden(facts, row, found)


def _owns(facts: Facts, row: "Stateful", move: Transition) -> bool:
    return any(getattr(row, column) == facts.caller.user_id for column in move.owners)


def _kept_apart(facts: Facts, row: "Stateful", move: Transition) -> list[Blocker]:
    rule = move.separation
    if rule is None or all(getattr(row, name) != facts.caller.user_id for name in rule.columns):
        return []
    return [Blocker(rule.code, rule.told, is_denial=True)]


async def _without_hidden(
    facts: Facts, row: "Stateful", blockers: Sequence[Blocker]
) -> list[Blocker]:
    """Keep what is in the way, but name no record that the caller may not read.

    Guards look at all rows, so that hidden ones count; of these one blocker a code is left.
    """
    subjects = {b.subject: ids.split(b.subject) for b in blockers if b.subject}
    subjects.pop(getattr(row, "public_id", ""), None)
    visible = await readable_among(facts, subjects.values())
    hidden = {text for text, named in subjects.items() if named not in visible}
    screened = (_nameless(b) if b.subject in hidden else b for b in blockers)
    return list(dict.fromkeys(screened))


def _nameless(blocker: Blocker) -> Blocker:
    message = f"Something that you may not see is in the way ({blocker.code}). {asking(QUALITY)}"
    return replace(blocker, message=message, subject=None)


def _of_role(role: Role, move: Transition) -> list[Blocker]:
    if role in move.roles:
        return []
    if not move.roles:
        told = f"Only its {either(move.people)} takes the step {move.name}."
        return [Blocker("FORBIDDEN", told, is_denial=True)]
    whom = asking(move.roles, *(f"its {name}" for name in move.people))
    told = f"Your role may not take the step {move.name}. {whom}"
    return [Blocker("FORBIDDEN", told, is_denial=True)]


class Stateful:
    """Mixin: `status` starts in one of the workflow's starts and changes by its moves alone."""

    workflow: ClassVar[Workflow]
    if TYPE_CHECKING:
        status: Mapped[Any]

    def enter(self, state: StrEnum) -> None:
        """Set the state that a checked move leads to; `Workflow.move` is the only caller."""
        self._moving = True
        self.status = state
        self._moving = False

    @validates("status")
    def _only_by_moves(self, _: str, state: StrEnum) -> StrEnum:
        starting = self.status is None and state in self.workflow.starts
        if not starting and not getattr(self, "_moving", False):
            raise ValueError(f"status changes by a transition, not by assignment ({state})")
        return state
