"""Transitions as values: who takes a step of a workflow, with which input, and what it sets."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.errors import Blocker
from qgp.kit.names import to_camel
from qgp.kit.policy import EVERYONE, Permission, Principal, Role, audience
from qgp.kit.signing import Meaning
from qgp.kit.text_normalization import LINE

if TYPE_CHECKING:
    from qgp.kit.model import Record

REASON_LENGTH = 2_000


class GuardContext(Protocol):
    """The operation that a guard decides in."""

    @property
    def caller(self) -> Principal:
        """The signed-in user."""

    @property
    def signature(self) -> Meaning | None:
        """Meaning of the signature that the caller gave; None where nothing is signed."""
        return None

    def load(self, loader: Any, key: Any) -> Awaitable[Any]:
        """Load through the operation's loaders."""

    async def once(self, name: str, statement: sa.Select[Any]) -> Sequence[Any]:
        """Return the first column of a statement that one operation runs once, for all rows."""


Missing = Sequence[tuple[str, str]]  # what is missing, each with the public id of what lacks it
# A text is about the record itself; None and an empty sequence say that nothing is missing.
Check = Callable[[GuardContext, Any], Awaitable[str | Missing | None]]


@dataclass(frozen=True)
class Guard:
    """A condition of a transition.

    Attributes:
        code: of its blockers, in `BlockerCode`.
        description: one sentence that states the condition.
        check: returns a text for each thing that is missing, or one about the record.
        is_denial: whether such a text tells that the caller is in the way.
    """

    code: str
    description: str
    check: Check
    is_denial: bool = False

    async def blockers(self, facts: GuardContext, row: Any) -> Sequence[Blocker]:
        """Return what is missing for a record."""
        missing = await self.check(facts, row) or []
        texts = [(missing, row.public_id)] if isinstance(missing, str) else missing
        return [Blocker(self.code, text, id, is_denial=self.is_denial) for text, id in texts]


def guard(code: str, *, is_denial: bool = False) -> Callable[[Check], Guard]:
    """Declare a guard; the function's docstring is the description of the code."""

    def declare(check: Check) -> Guard:
        text = (check.__doc__ or "").strip().partition("\n\n")[0]
        return Guard(code, " ".join(text.split()), check, is_denial)

    return declare


def filled(code: str, *columns: str, either: bool = False) -> Guard:
    """Declare the guard that columns of the record have values.

    Args:
        code: of the blocker.
        columns: their names.
        either: whether one of them is enough.
    """
    fields = f" {'or' if either else 'and'} ".join(to_camel(name) for name in columns)

    async def check(_: GuardContext, row: Any) -> str | None:
        are_set = [getattr(row, name) not in {None, ""} for name in columns]
        if (any if either else all)(are_set):
            return None
        return f"This step requires {fields}. Fill in what is missing."

    return Guard(code, f"Requires {fields}.", check)


@dataclass(frozen=True)
class SegregationOfDuties:
    """Segregation of duties: the person who takes the step is none of those in these columns.

    Attributes:
        code: of the blocker.
        columns: of the record, each with a user's id.
    """

    code: str
    columns: tuple[str, ...]

    @property
    def description(self) -> str:
        """The rule, as a sentence."""
        return f"Segregation of duties: not for {' or '.join(persons(self.columns))}."

    def blockers(self, facts: GuardContext, row: Any, step: str) -> Sequence[Blocker]:
        """Return a blocker where the caller is one of the people."""
        caller = facts.caller.user_id
        names = persons([name for name in self.columns if getattr(row, name) == caller])
        if not names:
            return []
        message = (
            f"Segregation of duties: you are {' and '.join(names)}. "
            f"Ask another person to take the step {step}."
        )
        return [Blocker(self.code, message, is_denial=True)]


def persons(columns: Collection[str]) -> list[str]:
    """Return what columns with a user's id make of the user: its owner, its creator."""
    return [_person(column.removesuffix("_id")) for column in columns]


def _person(name: str) -> str:
    if name == "created_by":
        return "its creator"
    return f"the person in {to_camel(name)}" if name.endswith("_by") else f"its {to_camel(name)}"


@dataclass(frozen=True)
class Input:
    """A value that a transition takes; without a service function it sets a column.

    Attributes:
        name: in snake case.
        description: for the reader of the schema.
        kind: `str`, `date`, … or a `Term`.
        id_of: prefix of the record that an id must name.
        max_length: characters of a text at the most.
        required: True where the input type demands it; a function of the record where the record
            decides, which is asked once the values are set.
        column: that it sets, where that has another name.
        is_reason: whether the trail keeps it as the reason.
    """

    name: str
    description: str
    kind: Any = str
    id_of: str | None = None
    max_length: int = LINE
    required: bool | Callable[[Any], bool] = True
    column: str | None = None
    is_reason: bool = False

    def is_required_for(self, row: Any) -> bool:
        """Whether a record cannot take the step without it."""
        return self.required if isinstance(self.required, bool) else self.required(row)

    @property
    def is_text(self) -> bool:
        """Whether it is written in words, such as a reason or a note."""
        return self.kind is str and self.id_of is None


REASON = Input(
    "reason",
    f"Reason, kept in the audit trail; 1 to {REASON_LENGTH} characters.",
    max_length=REASON_LENGTH,
)


def now(_: GuardContext, __: Any) -> Any:
    """Set the present instant."""
    return clock.now()


def today(facts: GuardContext, _: Any) -> Any:
    """Set the present day of the organization."""
    return clock.today(facts.caller.zone)


def caller(facts: GuardContext, _: Any) -> Any:
    """Set the person who takes the step."""
    return facts.caller.user_id


def cleared(*columns: str) -> Mapping[str, None]:
    """Return that the columns become null."""
    return dict.fromkeys(columns)


@dataclass(frozen=True)
class Transition:
    """One step of a workflow; its mutation, input type and audience are derived.

    Attributes:
        name: the mutation's field name, camelCase.
        sources: the states it starts from.
        target: the state it leads to.
        description: of the mutation: a verb, its object, preconditions, effect.
        permission: the permission that the caller must hold on any record.
        only: the roles, of those that `may` names, that take it on any record; the others do as
            one of `owners`.
        guards: conditions, in the order in which their blockers are shown.
        owners: columns of the record that name users who take it too, in any role.
        separation: the people who do not take it, although their role may.
        requires_reason: whether a reason has to be given.
        signature: the meaning that it is signed with.
        is_signature_optional: whether a guard decides if a signature is needed.
        inputs: further values that it takes.
        sets: columns and their values; a function gets the operation and the record before the
            step.
        service: the function that takes the step, where there is a rule to write; gets the unit of
            work, the locked record and the inputs, and calls `work.move`.
        has_mutation: whether a mutation is derived; not where the module writes one of another
            shape.
    """

    name: str
    sources: AbstractSet[StrEnum]
    target: StrEnum
    description: str
    permission: Permission
    only: frozenset[Role] = EVERYONE
    guards: tuple[Guard, ...] = ()
    owners: tuple[str, ...] = ()
    separation: SegregationOfDuties | None = None
    requires_reason: bool = False
    signature: Meaning | None = None
    is_signature_optional: bool = False
    inputs: tuple[Input, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    service: Callable[..., Awaitable["Record"]] | None = None
    has_mutation: bool = True

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that take it on any record."""
        return self.permission.roles & self.only

    @property
    def demands_signature(self) -> bool:
        """Whether it is never taken without a signature."""
        return self.signature is not None and not self.is_signature_optional

    @property
    def looks_at_row(self) -> bool:
        """Whether the record itself decides, not only its state."""
        asks = any(callable(part.required) for part in self.inputs)
        return bool(self.guards or self.owners or self.separation or self.demands_signature or asks)

    @property
    def values(self) -> Sequence[Input]:
        """The inputs, the reason among them."""
        return [REASON, *self.inputs] if self.requires_reason else self.inputs

    @property
    def audience(self) -> str:
        """Who takes it, in sentences."""
        rule = "" if self.separation is None else self.separation.description
        return f"{audience(self.roles, *persons(self.owners))} {rule}".strip()

    def changes(self, facts: GuardContext, row: Any) -> dict[str, Any]:
        """Return the columns that the step sets, and their values."""
        return {
            name: value(facts, row) if callable(value) else value
            for name, value in self.sets.items()
        }
