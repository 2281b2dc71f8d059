"""Transitions of workflows as values: permission, guards, inputs and columns that they set."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

import sqlalchemy as sa

from qgp.kit import clock
from qgp.kit.errors import Blocker
from qgp.kit.names import to_camel
from qgp.kit.policy import EVERYONE, Permission, Principal, Role, audience
from qgp.kit.sealing import Seal
from qgp.kit.signing import Meaning
from qgp.kit.text_normalization import LINE

if TYPE_CHECKING:
    from qgp.kit.model import Record

REASON_LENGTH = 2_000


class GuardContext(Protocol):
    """Operation in which a guard is evaluated."""

    @property
    def caller(self) -> Principal:
        """The signed-in user."""

    @property
    def signature(self) -> Meaning | None:
        """Meaning of the caller's signature; None without one."""
        return None

    def load(self, loader: Any, key: Any) -> Awaitable[Any]:
        """Load through the operation's loaders."""

    async def once(self, name: str, statement: sa.Select[Any]) -> Sequence[Any]:
        """Return the first column of a statement that one operation runs once, for all rows."""


Missing = Sequence[tuple[str, str]]  # messages, each with the public id of the blocking record
# A text is about the record itself; None and an empty sequence mean that the guard is met.
Check = Callable[[GuardContext, Any], Awaitable[str | Missing | None]]
Compute = Callable[[GuardContext, Any], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True)
class Guard:
    """Condition of a transition.

    Attributes:
        code: of its blockers, in `BlockerCode`.
        description: one sentence that states the condition.
        check: returns a message for each blocking record, or one about the record itself.
        is_denial: whether the caller is the cause of its blockers.
    """

    code: str
    description: str
    check: Check
    is_denial: bool = False

    async def blockers(self, context: GuardContext, row: Any) -> Sequence[Blocker]:
        """Return the blockers of a record."""
        missing = await self.check(context, row) or []
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
        either: whether one of them suffices.
    """
    fields = f" {'or' if either else 'and'} ".join(to_camel(name) for name in columns)

    async def check(_: GuardContext, row: Any) -> str | None:
        are_set = [getattr(row, name) not in {None, ""} for name in columns]
        if (any if either else all)(are_set):
            return None
        return f"This transition requires {fields}. Fill it in."

    return Guard(code, f"Requires {fields}.", check)


@dataclass(frozen=True)
class SegregationOfDuties:
    """Segregation of duties: nobody named in these columns may take the transition.

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

    def blockers(self, context: GuardContext, row: Any, transition: str) -> Sequence[Blocker]:
        """Return a blocker where one of the columns names the caller."""
        caller = context.caller.user_id
        names = persons([name for name in self.columns if getattr(row, name) == caller])
        if not names:
            return []
        message = (
            f"Segregation of duties: you are {' and '.join(names)}. "
            f"Ask another person to call {transition}."
        )
        return [Blocker(self.code, message, is_denial=True)]


def persons(columns: Collection[str]) -> list[str]:
    """Return the relations of users to the record, by columns: its owner, its creator."""
    return [_person(column.removesuffix("_id")) for column in columns]


def _person(name: str) -> str:
    if name == "created_by":
        return "its creator"
    return f"the person in {to_camel(name)}" if name.endswith("_by") else f"its {to_camel(name)}"


@dataclass(frozen=True)
class Input:
    """Input of a transition; without a service function it sets a column.

    Attributes:
        name: in snake case.
        description: in the schema.
        kind: `str`, `date`, … or a `DescribedEnum`.
        id_of: prefix of the record that an id must name.
        max_length: the most characters of a text.
        required: True where the input type requires it; a function of the record, evaluated once
            the values are set, where the record decides.
        column: that it sets, where that has another name.
        is_reason: whether the audit trail stores it as the reason.
        unblocks: code of the blocker that it resolves; a record with this blocker requires it.
    """

    name: str
    description: str
    kind: Any = str
    id_of: str | None = None
    max_length: int = LINE
    required: bool | Callable[[Any], bool] = True
    column: str | None = None
    is_reason: bool = False
    unblocks: str | None = None

    def is_required_for(self, row: Any, blockers: Collection[Blocker] = ()) -> bool:
        """Whether the transition of a record with these blockers requires it."""
        if self.unblocks and self.unblocks in {blocker.code for blocker in blockers}:
            return True
        return self.required if isinstance(self.required, bool) else self.required(row)

    @property
    def is_text(self) -> bool:
        """Whether it is a text, such as a reason or a note."""
        return self.kind is str and self.id_of is None


REASON = Input(
    "reason",
    f"Reason, stored in the audit trail; 1 to {REASON_LENGTH} characters.",
    max_length=REASON_LENGTH,
)


OPTIONAL_REASON = replace(REASON, required=False)


def now(_: GuardContext, __: Any) -> Any:
    """Return the current date and time."""
    return clock.now()


def today(context: GuardContext, _: Any) -> Any:
    """Return the current day in the organization's time zone."""
    return clock.today(context.caller.zone)


def caller(context: GuardContext, _: Any) -> Any:
    """Return the id of the user who takes the transition."""
    return context.caller.user_id


def cleared(*columns: str) -> Mapping[str, None]:
    """Return the `sets` that make columns null."""
    return dict.fromkeys(columns)


@dataclass(frozen=True)
class Transition:
    """Transition of a workflow; its mutation, input type and audience are derived.

    Attributes:
        name: the mutation's field name, camelCase.
        sources: the states it starts from.
        target: the state it leads to.
        description: of the mutation: a verb, its object, preconditions, effect.
        permission: the permission that the caller must hold.
        only: the roles, among those of the permission, that may take it on any record; the others
            may as one of `owners`.
        guards: conditions, in the order in which their blockers are shown.
        owners: columns of the record that name users who may take it too, in any role.
        separation: segregation of duties: the people who may not, although their role may.
        requires_reason: whether the input has a required reason.
        signature: the meaning of its signature; None where it has none.
        seals: the content that its signature seals; None for that of the workflow.
        is_signature_optional: whether a guard decides if a signature is required.
        inputs: further inputs.
        sets: columns and their values; a function gets the operation and the record before the
            transition.
        computes: an async function of the operation and the record before the transition, which
            returns further columns and their values.
        service: the function behind the mutation, where there is a rule to write; it takes the unit
            of work, the locked record and the inputs, and calls `work.move`.
        has_mutation: whether a mutation is derived; False where the module declares one of
            another shape.
        emits: second part of the name of a further event, beside that of the transition.
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
    seals: Seal | None = None
    is_signature_optional: bool = False
    inputs: tuple[Input, ...] = ()
    sets: Mapping[str, Any] = field(default_factory=dict)
    computes: Compute | None = None
    service: Callable[..., Awaitable["Record"]] | None = None
    has_mutation: bool = True
    emits: str | None = None

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that may take it on any record."""
        return self.permission.roles & self.only

    @property
    def demands_signature(self) -> bool:
        """Whether it always requires a signature."""
        return self.signature is not None and not self.is_signature_optional

    @property
    def looks_at_row(self) -> bool:
        """Whether the record itself decides, not only its state."""
        asks = any(callable(part.required) for part in self.inputs)
        return bool(self.guards or self.owners or self.separation or self.demands_signature or asks)

    @property
    def values(self) -> Sequence[Input]:
        """The inputs, including the reason."""
        return [REASON, *self.inputs] if self.requires_reason else self.inputs

    @property
    def audience(self) -> str:
        """The people who may take it, in sentences."""
        rule = "" if self.separation is None else self.separation.description
        return f"{audience(self.roles, *persons(self.owners))} {rule}".strip()

    async def changes(self, context: GuardContext, row: Any) -> dict[str, Any]:
        """Return the columns that the transition sets, and their values."""
        values = {
            name: value(context, row) if callable(value) else value
            for name, value in self.sets.items()
        }
        return values if self.computes is None else {**values, **await self.computes(context, row)}
