"""Reading actions."""

import strawberry

from qgp.actions import loaders, types
from qgp.kit.gql import Connection, listing, lookup


@strawberry.type
class Query:
    """Root reads."""

    action: types.Action | None = lookup(
        "One action.", id=loaders.action_by_id, reference=loaders.action_by_reference
    )
    actions: Connection[types.Action] | None = listing(
        loaders.actions, "Actions whatever they follow from, the first due first."
    )
    my_actions: Connection[types.Action] | None = listing(
        loaders.my_actions,
        "Your own actions whatever they follow from: IN_PROGRESS, then BLOCKED, then TODO, then "
        "what is over; of each the first due first.",
        part="own",
    )
    action_dependency: types.ActionDependency | None = lookup(
        "What one action has to do with another.", id=loaders.action_dependency_by_id
    )
    action_dependencies: Connection[types.ActionDependency] | None = listing(
        loaders.action_dependencies, "Which actions wait for which, oldest first."
    )
    due_date_change: types.DueDateChange | None = lookup(
        "One move of a due day.", id=loaders.due_date_change_by_id
    )
    due_date_changes: Connection[types.DueDateChange] | None = listing(
        loaders.due_date_changes, "How due days moved, oldest move first."
    )
