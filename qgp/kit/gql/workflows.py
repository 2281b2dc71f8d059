"""Workflows in the schema: available transitions, transition mutations, blocker codes."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit.described_enum import described_enum
from qgp.kit.gql.bounds import bounded, plain_list
from qgp.kit.gql.command import Command
from qgp.kit.gql.command_inputs import CommandInput
from qgp.kit.gql.declarations import DECLARED, Options
from qgp.kit.gql.fields import Info
from qgp.kit.gql.payloads import Offer
from qgp.kit.gql.user_errors import MOST_BLOCKERS, Blocker, foremost
from qgp.kit.names import snake, to_camel
from qgp.kit.signing import Meaning
from qgp.kit.transition_commands import TransitionCommand
from qgp.kit.transitions import Input, Transition
from qgp.kit.workflow import Option, Workflow

# A description, the list of values that was written into it, and the bound of a list.
_CLOSED = re.compile(r"(?P<head>.*?)\.?( One of: .*?)?(?P<tail>; at most [\d,]+)?\.")
MOST_INPUTS = 10  # of one transition
_SCALARS = {str: "String", int: "Int", bool: "Boolean", date: "Date"}
_BUILT_IN = {
    "WRONG_STATE": "The record is in a state that the transition does not start from.",
    "FORBIDDEN": "The caller's role does not take the transition on this record.",
    "SIGNATURE": "The transition requires an electronic signature.",
}


@strawberry.type(description="Input field that a transition of this record requires.")
class RequiredInput:
    """Input field that a transition of a record requires."""

    name: str = strawberry.field(description="Name of the field in the mutation's `input`.")
    description: str = strawberry.field(description="Meaning of the field, for a label or a hint.")
    type: str = strawberry.field(
        description="GraphQL type of the field in the mutation's `input`, such as `String!`; "
        "nullable where only some records require it."
    )

    @classmethod
    def of(cls, part: Input) -> "RequiredInput":
        """Return the GraphQL object of a declared input."""
        kind = "ID" if part.id_of else _SCALARS.get(part.kind, part.kind.__name__)
        mark = "!" if part.required is True else ""
        return cls(name=to_camel(part.name), description=part.description, type=kind + mark)

    @classmethod
    def signature(cls, transition: Transition) -> "RequiredInput":
        """Return the GraphQL object of a transition's signature."""
        assert transition.signature is not None
        meaning = f"Your electronic signature with the meaning {transition.signature.value}."
        mark = "!" if transition.demands_signature else ""
        return cls(name="signature", description=meaning, type=f"SignatureInput{mark}")


@strawberry.type(description="Transition from the record's current state.")
class AvailableTransition:
    """Transition from the record's current state."""

    name: str = strawberry.field(description="Name of the mutation that takes the transition.")
    to: str = strawberry.field(
        description="State that it leads to: a value of the enum of the record's `status`."
    )
    is_allowed: bool = strawberry.field(
        description="Whether you may take it now: it has no blockers."
    )
    requires_reason: bool = strawberry.field(
        description="Whether it requires a text: a reason, or a note in its place, which "
        "`requiredInputs` names."
    )
    required_inputs: list[RequiredInput] = plain_list(
        "Input fields that it requires beside `id` and `expectedVersion`", MOST_INPUTS
    )
    signature: Meaning | None = strawberry.field(
        description="Meaning of its electronic signature; null where it has none. The blocker "
        "SIGNATURE marks it as required, until one is sent."
    )
    blockers: list[Blocker] = plain_list("Unmet conditions; empty where `isAllowed`", MOST_BLOCKERS)

    @classmethod
    def of(cls, option: Option) -> "AvailableTransition":
        """Return the GraphQL object of an option."""
        blockers: list[Any] = foremost(option.blockers)
        transition = option.transition
        inputs = [RequiredInput.of(part) for part in option.required]
        if any(blocker.code == "SIGNATURE" for blocker in option.blockers):
            inputs.append(RequiredInput.signature(transition))
        return cls(
            name=transition.name,
            to=transition.target.value,
            is_allowed=not blockers,
            requires_reason=any(part.is_text for part in option.required),
            required_inputs=inputs,
            signature=transition.signature,
            blockers=blockers,
        )


def transitions(workflow: Workflow) -> Any:
    """Declare the field with the transitions from the record's state, and their blockers."""
    description = "Transitions from the current state, each with its blockers."

    async def resolve(root: Any, info: Info) -> list[AvailableTransition]:
        options = await workflow.options(info.context, root)
        return [AvailableTransition.of(option) for option in options]

    return strawberry.field(
        resolve, **bounded(description, workflow.most_options, {DECLARED: Options()})
    )


@dataclass(frozen=True, eq=False)
class TransitionMutations:
    """Mutations of a workflow, one for each transition.

    Attributes:
        offers: further fields of their payloads, by transition.
    """

    workflow: Workflow
    offers: Mapping[str, dict[str, Offer]]

    def fields(self) -> Iterator[StrawberryField]:
        """Yield the root fields."""
        for transition in self.workflow.transitions.values():
            if transition.has_mutation:
                yield self.command(transition.name).field(snake(transition.name))

    def command(self, name: str) -> Command:
        """Return the mutation of a transition, by its name."""
        transition = self.workflow.transitions[name]
        signature = transition.demands_signature if transition.signature else None
        return Command(
            TransitionCommand(self.workflow, transition.name),
            CommandInput(transition.values, signature=signature),
            transition.permission,
            self.workflow.model,
            transition.description,
            audience=transition.audience,
            offers=self.offers.get(name, {}),
        )


def mutations_of(
    workflow: Workflow, *, offers: Mapping[str, dict[str, Offer]] | None = None
) -> TransitionMutations:
    """Declare the mutations of a workflow; each is named after its transition.

    Args:
        offers: further fields of their payloads, by transition.

    Raises:
        ValueError: the workflow has no such transition.
    """
    if unknown := sorted({*(offers or {})} - {*workflow.transitions}):
        raise ValueError(f"offers of {', '.join(unknown)}: no such transition")
    return TransitionMutations(workflow, offers or {})


def publish(workflows: Collection[Workflow]) -> None:
    """Publish the codes, names and target states of all transitions in the schema."""
    codes = {code: [text] for code, text in _BUILT_IN.items()}
    for workflow in workflows:
        for code, text in workflow.conditions:
            texts = codes.setdefault(code, [])
            if text not in texts and code not in _BUILT_IN:
                texts.append(text)
    values = {code: (code, " ".join(texts)) for code, texts in codes.items()}
    terms = described_enum("BlockerCode", values, "Conditions of transitions.")
    field_of(Blocker, "code").type = terms.__strawberry_definition__
    all_transitions = [
        transition for workflow in workflows for transition in workflow.transitions.values()
    ]
    close(AvailableTransition, "name", [transition.name for transition in all_transitions])
    close(
        AvailableTransition,
        "to",
        dict.fromkeys(transition.target.value for transition in all_transitions),
    )


def close(kind: type, field: str, values: Iterable[str]) -> None:
    """List the closed set of a text field's values in its description.

    Args:
        kind: the GraphQL type.
        field: the attribute.
        values: the whole set.
    """
    definition = field_of(kind, field)
    parts = _CLOSED.fullmatch(definition.description or "")
    assert parts is not None, f"{field} is described by a sentence"
    texts = ", ".join(f"`{value}`" for value in values)
    definition.description = f"{parts['head']}. One of: {texts}{parts['tail'] or ''}."


def field_of(kind: type, name: str) -> StrawberryField:
    """Return the definition of a type's field by the name of its attribute."""
    definition: Any = kind.__strawberry_definition__  # type: ignore[attr-defined]  # a GraphQL type
    part: StrawberryField = definition.get_field(name)
    return part
