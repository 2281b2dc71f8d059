"""`Transitionable`: the interface of every record that has a workflow."""

import strawberry

from qgp.kit.gql.additions import implement
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.fields import TYPES, Recorded
from qgp.kit.gql.workflows import AvailableTransition
from qgp.kit.workflow import Stateful

MOST_TRANSITIONS = 8  # out of one state, in any workflow


@strawberry.interface(
    description="Record whose state changes by transitions, each a mutation of its own that takes "
    "the `id` and the `version` of the record."
)
class Transitionable(Recorded):
    """Record whose state changes by transitions."""

    available_transitions: list[AvailableTransition] = plain_list(
        "Transitions from the current state, each with its blockers", MOST_TRANSITIONS
    )


def share_transitionable() -> None:
    """Add the interface `Transitionable` to the type of every record that has a workflow."""
    for model, kind in TYPES.items():
        if issubclass(model, Stateful):
            implement(kind, Transitionable)
