"""Reading actions."""

import strawberry

from qgp.actions import loaders
from qgp.actions.loaders import (
    action_by_id,
    action_by_reference,
    action_dependency_by_id,
    due_date_change_by_id,
)
from qgp.actions.types import Action, ActionDependency, DueDateChange
from qgp.kit.gql import Connection, find, listing


@strawberry.type
class Query:
    """Root reads."""

    action: Action | None = find("One action.", id=action_by_id, reference=action_by_reference)
    actions: Connection[Action] | None = listing(
        loaders.actions, "Actions whatever they follow from, the first due first."
    )
    my_actions: Connection[Action] | None = listing(
        loaders.my_actions,
        "Your own actions whatever they follow from: IN_PROGRESS, then BLOCKED, then TODO, then "
        "what is over; of each the first due first.",
        part="own",
    )
    action_dependency: ActionDependency | None = find(
        "What one action has to do with another.", id=action_dependency_by_id
    )
    action_dependencies: Connection[ActionDependency] | None = listing(
        loaders.action_dependencies, "Which actions wait for which, oldest first."
    )
    due_date_change: DueDateChange | None = find("One move of a due day.", id=due_date_change_by_id)
    due_date_changes: Connection[DueDateChange] | None = listing(
        loaders.due_date_changes, "How due days moved, oldest move first."
    )
