"""State machines as values: the steps of a record, and what blocks them for a caller."""

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
from qgp.kit.signing import RelatedContent, unsigned
from qgp.kit.transitions import GuardContext, Input, Transition, persons
from qgp.kit.visibility import readable_among

if TYPE_CHECKING:
    from qgp.kit.model import Record
    from qgp.kit.required_evidence import RequiredEvidence
    from qgp.kit.work import Work

Load = Callable[["Work", UUID, int], Awaitable[Any]]


@dataclass(frozen=True)
class Option:
    """A transition as seen from one record by one user: ready when nothing blocks it.

    Attributes:
        required: the inputs without which the record cannot take the step.
    """

    transition: Transition
    blockers: Sequence[Blocker]
    required: Sequence[Input]


class Workflow:
    """The steps of one kind of record.

    Args:
        model: the record; its attribute `workflow` becomes this value.
        read: the permission by which the caller of a step reads the record.
        starts: states that a new record may have.
        transitions: every step there is; all others are refused.
        load: how a step loads and locks the record by its id in the expected version, where that
            is special.
        seals: tells what a signature of the record seals besides its own fields: rows that belong
            to it. It tells nothing that may change while the record keeps its version.
        requires_evidence: the evidence that stays while the record is closed.
        closed: the states in which the record cannot be changed; see `Work.get_open`.
        remedy: what to do instead where no step leads out of them, in a sentence.
    """

    def __init__(
        self,
        model: "type[Stateful]",
        read: Permission,
        starts: AbstractSet[StrEnum],
        *transitions: Transition,
        load: Load | None = None,
        seals: RelatedContent | None = None,
        requires_evidence: "Sequence[RequiredEvidence]" = (),
        closed: AbstractSet[StrEnum] = frozenset(),
        remedy: str = "",
    ) -> None:
        self.model: Any = model
        self.starts = frozenset(starts)
        self.transitions: Mapping[str, Transition] = {step.name: step for step in transitions}
        self.read, self._load, self.seals = read, load, seals
        self.requires_evidence = requires_evidence
        self.closed, self._remedy = frozenset(closed), remedy
        model.workflow = self

    @property
    def conditions(self) -> Iterator[tuple[str, str]]:
        """The codes of the blockers of each transition, with what they mean."""
        for step in self.transitions.values():
            if step.separation is not None:
                yield step.separation.code, step.separation.description
            yield from ((guard.code, guard.description) for guard in step.guards)

    @property
    def most_options(self) -> int:
        """The most steps that there are out of one state."""
        steps = self.transitions.values()
        states = Counter(source for step in steps for source in step.sources)
        return max(states.values(), default=0)

    async def load(self, work: "Work", id: UUID, expected_version: int) -> "Record":
        """Return the record that is to take a step, locked.

        Raises:
            NotFound: there is none, or it is hidden from the caller.
            StaleVersion: it has another version than the caller expected.
        """
        if self._load is not None:
            row: Record = await self._load(work, id, expected_version)
            return row
        return await work.get(self.model, id, expected_version=expected_version, read=self.read)

    async def options(self, facts: GuardContext, row: "Stateful") -> list[Option]:
        """Return the steps out of the record's state, each with what blocks it for the caller."""
        steps = [step for step in self.transitions.values() if row.status in step.sources]
        return [
            Option(step, await _blockers(facts, row, step), _required(row, step)) for step in steps
        ]

    def open_to(self, role: Role) -> Mapping[StrEnum, Sequence[Option]] | None:
        """Return the options out of each state, or None where the row has to be looked at."""
        steps = self.transitions.values()
        if any(step.looks_at_row for step in steps):
            return None
        states = {source for step in steps for source in step.sources}
        return {
            state: [
                Option(step, _of_role(role, step), _required(None, step))
                for step in steps
                if state in step.sources
            ]
            for state in states
        }

    async def move(self, facts: GuardContext, row: "Stateful", name: str) -> None:
        """Take the named step.

        Raises:
            TransitionNotAllowed: the state has no such step, or a guard blocks it.
            Required: the record cannot take it without an input that is missing.
        """
        step = self.transitions[name]
        blockers = await _blockers(facts, row, step)
        if row.status not in step.sources:
            allowed = " or ".join(sorted(source.value for source in step.sources))
            message = f"It is {row.status.value}; this needs {allowed}.{self._detour(row, step)}"
            blockers = [Blocker("WRONG_STATE", message), *blockers]
        if blockers:
            messages = " ".join(blocker.message for blocker in blockers)
            raise TransitionNotAllowed(f"This step is not possible now. {messages}", blockers)
        for part in step.inputs:
            if callable(part.required) and part.required(row):
                field = to_camel(part.name)
                raise Required(f"This step needs {field}. {part.description}", field)
        row.enter(step.target)

    def require_open(self, row: "Stateful", path: str) -> None:
        """Refuse to change a record in a closed state; `path` locates its id.

        Raises:
            Invalid: the state is closed.
        """
        if row.status not in self.closed:
            return
        steps = self.transitions.values()
        names = [s.name for s in steps if row.status in s.sources and s.target not in self.closed]
        remedy = f"Take the step {either(names)} first." if names else self._remedy
        kind = snake(type(row).__name__).replace("_", " ")
        name = getattr(row, "reference", None) or f"This {kind}"
        message = f"{name} is {row.status.value} and cannot be changed. {remedy}"
        raise Invalid(message.rstrip(), path)

    def _detour(self, row: "Stateful", step: Transition) -> str:
        """Tell which step leads on to where the wanted one starts, if one does."""
        steps = self.transitions.values()
        names = [s.name for s in steps if row.status in s.sources and s.target in step.sources]
        return f" Take the step {either(names)} first." if names else ""


@dataclass(frozen=True)
class Take:
    """The command behind the mutation of a transition.

    Attributes:
        name: of the transition.
    """

    workflow: Workflow
    name: str

    async def __call__(self, work: "Work", **inputs: Any) -> "Record":
        """Take the step; see `Work.take`."""
        return await work.take(self.workflow, self.name, **inputs)


def _required(row: Any, step: Transition) -> Sequence[Input]:
    return [part for part in step.values if part.is_required_for(row)]


async def _blockers(facts: GuardContext, row: Any, step: Transition) -> list[Blocker]:
    blockers = [] if _owns(facts, row, step) else _of_role(facts.caller.role, step)
    if step.separation is not None:
        blockers.extend(step.separation.blockers(facts, row, step.name))
    for guard in step.guards:
        blockers.extend(await guard.blockers(facts, row))
    if step.demands_signature and step.signature and (text := unsigned(facts, step.signature)):
        blockers.append(Blocker("SIGNATURE", text, row.public_id))
    return await _without_hidden(facts, row, blockers)


def _owns(facts: GuardContext, row: "Stateful", step: Transition) -> bool:
    return any(getattr(row, column) == facts.caller.user_id for column in step.owners)


async def _without_hidden(
    facts: GuardContext, row: "Stateful", blockers: Sequence[Blocker]
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


def _of_role(role: Role, step: Transition) -> list[Blocker]:
    if role in step.roles:
        return []
    if not step.roles:
        message = f"Only {either(persons(step.owners))} takes the step {step.name}."
        return [Blocker("FORBIDDEN", message, is_denial=True)]
    whom = asking(step.roles, *persons(step.owners))
    message = f"Your role may not take the step {step.name}. {whom}"
    return [Blocker("FORBIDDEN", message, is_denial=True)]


class Stateful:
    """Mixin: `status` starts in one of the workflow's starts and changes by its steps alone."""

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
