"""Workflows as values: states and transitions of a record, and their blockers for a caller."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy.orm import Mapped, validates

from qgp.kit import ids
from qgp.kit.errors import Blocker, Invalid, Required, TransitionNotAllowed
from qgp.kit.names import snake, to_camel
from qgp.kit.policy import QUALITY, Permission, Role, asking, either
from qgp.kit.sealing import Seal
from qgp.kit.transitions import GuardContext, Input, Transition, persons
from qgp.kit.visibility import readable_among

if TYPE_CHECKING:
    from qgp.kit.model import Record
    from qgp.kit.required_evidence import RequiredEvidence
    from qgp.kit.work import Work

Load = Callable[["Work", UUID, int], Awaitable[Any]]


@dataclass(frozen=True)
class Option:
    """Transition of one record for one user; allowed where it has no blockers.

    Attributes:
        transition: its declaration.
        blockers: unmet conditions.
        required: the inputs that this record requires.
    """

    transition: Transition
    blockers: Sequence[Blocker]
    required: Sequence[Input]


class Workflow:
    """States and transitions of one kind of record.

    Args:
        model: the record; its attribute `workflow` becomes this value.
        read: the permission to read the record, which a transition requires.
        starts: the states that a new record may have.
        transitions: all transitions; any other change of state is refused.
        load: loads and locks the record by its id in the expected version, where `Work.get` does
            not suffice.
        seals: the content that a signature of a record seals, where its transition declares no
            other; not the status, due dates, or who is to act next. Signable records declare it.
        requires_evidence: the evidence that cannot be withdrawn while the record is closed.
        closed: the states in which the record cannot be changed; see `Work.get_open`.
        remedy: sentence about the alternative, where no transition leads out of them.
    """

    def __init__(
        self,
        model: "type[Stateful]",
        read: Permission,
        starts: AbstractSet[StrEnum],
        *transitions: Transition,
        load: Load | None = None,
        seals: Seal | None = None,
        requires_evidence: "Sequence[RequiredEvidence]" = (),
        closed: AbstractSet[StrEnum] = frozenset(),
        remedy: str = "",
    ) -> None:
        self.model: Any = model
        self.starts = frozenset(starts)
        self.transitions: Mapping[str, Transition] = {
            transition.name: transition for transition in transitions
        }
        self.read, self._load, self.seals = read, load, seals
        self.requires_evidence = requires_evidence
        self.closed, self._remedy = frozenset(closed), remedy
        model.workflow = self

    @property
    def conditions(self) -> Iterator[tuple[str, str]]:
        """Code and description of the blockers of each transition."""
        for transition in self.transitions.values():
            if transition.separation is not None:
                yield transition.separation.code, transition.separation.description
            yield from ((guard.code, guard.description) for guard in transition.guards)

    @property
    def most_options(self) -> int:
        """The largest number of transitions out of one state."""
        transitions = self.transitions.values()
        states = Counter(source for transition in transitions for source in transition.sources)
        return max(states.values(), default=0)

    async def load(self, work: "Work", id: UUID, expected_version: int) -> "Record":
        """Return the record of a transition, locked.

        Raises:
            NotFound: it is missing, or hidden from the caller.
            StaleVersion: it has another version than the caller expected.
        """
        if self._load is not None:
            row: Record = await self._load(work, id, expected_version)
            return row
        return await work.get(self.model, id, expected_version=expected_version, read=self.read)

    async def options(self, context: GuardContext, row: "Stateful") -> list[Option]:
        """Return the transitions from the record's state, each with its blockers for the caller."""
        transitions = [
            transition
            for transition in self.transitions.values()
            if row.status in transition.sources
        ]
        # At once, so that the rows of a list load what their guards share together.
        blockers = await asyncio.gather(*[_blockers(context, row, one) for one in transitions])
        return [
            Option(transition, unmet, _required(row, transition, unmet))
            for transition, unmet in zip(transitions, blockers, strict=True)
        ]

    def open_to(self, role: Role) -> Mapping[StrEnum, Sequence[Option]] | None:
        """Return the options of a role in each state; None where they depend on the row."""
        transitions = self.transitions.values()
        if any(transition.looks_at_row for transition in transitions):
            return None
        states = {source for transition in transitions for source in transition.sources}
        return {
            state: [
                Option(transition, _of_role(role, transition), _required(None, transition))
                for transition in transitions
                if state in transition.sources
            ]
            for state in states
        }

    async def move(self, context: GuardContext, row: "Stateful", name: str) -> None:
        """Take the named transition.

        Raises:
            TransitionNotAllowed: the state has no such transition, or a guard blocks it.
            Required: an input that this record requires is missing.
        """
        transition = self.transitions[name]
        blockers = await _blockers(context, row, transition)
        if row.status not in transition.sources:
            allowed = " or ".join(sorted(source.value for source in transition.sources))
            status = f"{_record_name(row)} is {row.status.value}; {name} starts from {allowed}."
            message = f"{status}{self._detour(row, transition)}"
            blockers = [Blocker("WRONG_STATE", message), *blockers]
        if blockers:
            messages = " ".join(blocker.message for blocker in blockers)
            raise TransitionNotAllowed(f"{name} is not possible now. {messages}", blockers)
        for part in transition.inputs:
            if callable(part.required) and part.required(row):
                field = to_camel(part.name)
                raise Required(
                    f"{name} requires `{field}` for this record. {part.description}", field
                )
        row.enter(transition.target)

    def require_open(self, row: "Stateful", path: str) -> None:
        """Refuse to change a record in a closed state; `path` locates its id.

        Raises:
            Invalid: the state is closed.
        """
        if row.status not in self.closed:
            return
        transitions = self.transitions.values()
        names = [
            s.name for s in transitions if row.status in s.sources and s.target not in self.closed
        ]
        remedy = f"Call {either(names)} first." if names else self._remedy
        message = f"{_record_name(row)} is {row.status.value} and cannot be changed. {remedy}"
        raise Invalid(message.rstrip(), path)

    def _detour(self, row: "Stateful", transition: Transition) -> str:
        """Return the advice to call a transition that leads to a source of another one, if any."""
        transitions = self.transitions.values()
        names = [
            s.name
            for s in transitions
            if row.status in s.sources and s.target in transition.sources
        ]
        return f" Call {either(names)} first." if names else ""


def _record_name(row: "Stateful") -> str:
    """Return the reference of a record; "This …" with its kind where it has none."""
    kind = snake(type(row).__name__).replace("_", " ")
    return getattr(row, "reference", None) or f"This {kind}"


def _required(
    row: Any, transition: Transition, blockers: Sequence[Blocker] = ()
) -> Sequence[Input]:
    return [part for part in transition.values if part.is_required_for(row, blockers)]


async def _blockers(context: GuardContext, row: Any, transition: Transition) -> list[Blocker]:
    blockers = [] if _owns(context, row, transition) else _of_role(context.caller.role, transition)
    if transition.separation is not None:
        blockers.extend(transition.separation.blockers(context, row, transition.name))
    for guard in transition.guards:
        blockers.extend(await guard.blockers(context, row))
    if (
        transition.demands_signature
        and transition.signature
        and (text := transition.signature.required_of(context))
    ):
        blockers.append(Blocker("SIGNATURE", text, row.public_id))
    return await _without_hidden(context, row, blockers)


def _owns(context: GuardContext, row: "Stateful", transition: Transition) -> bool:
    return any(getattr(row, column) == context.caller.user_id for column in transition.owners)


async def _without_hidden(
    context: GuardContext, row: "Stateful", blockers: Sequence[Blocker]
) -> list[Blocker]:
    """Return the blockers without the names of records that the caller may not read.

    Guards read all rows, so that hidden ones count; for these one blocker for each code remains.
    """
    subjects = {b.subject: ids.split(b.subject) for b in blockers if b.subject}
    subjects.pop(getattr(row, "public_id", ""), None)
    visible = await readable_among(context, subjects.values())
    hidden = {text for text, named in subjects.items() if named not in visible}
    screened = (_nameless(b) if b.subject in hidden else b for b in blockers)
    return list(dict.fromkeys(screened))


def _nameless(blocker: Blocker) -> Blocker:
    message = f"A record that is hidden from you blocks this ({blocker.code}). {asking(QUALITY)}"
    return replace(blocker, message=message, subject=None)


def _of_role(role: Role, transition: Transition) -> list[Blocker]:
    if role in transition.roles:
        return []
    if not transition.roles:
        message = f"Only {either(persons(transition.owners))} may call {transition.name}."
        return [Blocker("FORBIDDEN", message, is_denial=True)]
    whom = asking(transition.roles, *persons(transition.owners))
    message = f"Your role {role.value} may not call {transition.name}. {whom}"
    return [Blocker("FORBIDDEN", message, is_denial=True)]


class Stateful:
    """Mixin of records with a workflow: `status` changes by its transitions only."""

    workflow: ClassVar[Workflow]
    if TYPE_CHECKING:
        status: Mapped[Any]

    def enter(self, state: StrEnum) -> None:
        """Set the target state of a checked transition; only `Workflow.move` calls it."""
        self._moving = True
        self.status = state
        self._moving = False

    @validates("status")
    def _only_by_moves(self, _: str, state: StrEnum) -> StrEnum:
        starting = self.status is None and state in self.workflow.starts
        if not starting and not getattr(self, "_moving", False):
            raise ValueError(f"status changes by a transition, not by assignment ({state})")
        return state
