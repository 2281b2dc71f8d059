"""Root fields that read actions, their dependencies and due date changes."""

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
        loaders.actions, "Register of actions, by due date."
    )
    my_actions: Connection[types.Action] | None = listing(
        loaders.my_actions,
        "Actions that you own: IN_PROGRESS, then BLOCKED, TODO, DONE, VERIFIED and CANCELLED, by "
        "due date within each status.",
        part="own",
        deprecated="Replaced by `myWork`, or by `actions` with a filter of the owner; removed on "
        "2027-06-01 or later.",
    )
    action_dependency: types.ActionDependency | None = lookup(
        "One dependency between two actions.", id=loaders.action_dependency_by_id
    )
    action_dependencies: Connection[types.ActionDependency] | None = listing(
        loaders.action_dependencies, "Dependencies between actions, oldest first."
    )
    due_date_change: types.DueDateChange | None = lookup(
        "One change of a due date.", id=loaders.due_date_change_by_id
    )
    due_date_changes: Connection[types.DueDateChange] | None = listing(
        loaders.due_date_changes, "Changes of due dates, oldest first."
    )
