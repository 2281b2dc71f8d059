"""Loaders of actions, their dependencies and due date changes."""

from typing import Any

import sqlalchemy as sa

from qgp.actions.model import Action, ActionDependency, DueDateChange
from qgp.actions.policy import READ, READ_DEPENDENCIES, READ_DUE_DATES, READ_OWN
from qgp.kit.loader import KeyIn, Register, linked, one
from qgp.kit.policy import Principal
from qgp.kit.subjects import subject


def _linked(start: Any, end: Any, key_in: KeyIn) -> sa.FromClause:
    """Follow the dependencies from one end to the other, the oldest first."""
    place = ActionDependency.id.label("place")
    links: Any = sa.select(start.label("key"), end.label("id"), place).where(key_in(start))
    return links.subquery()  # type: ignore[no-any-return]  # untyped columns


def _prerequisites(_: Principal, key_in: KeyIn) -> sa.FromClause:
    return _linked(ActionDependency.action_id, ActionDependency.prerequisite_id, key_in)


def _dependents(_: Principal, key_in: KeyIn) -> sa.FromClause:
    return _linked(ActionDependency.prerequisite_id, ActionDependency.action_id, key_in)


action_by_id = subject(one(Action, READ))
action_by_reference = one(Action, READ, by=Action.reference)
prerequisites_of_action = linked(Action, READ, _prerequisites)
dependents_of_action = linked(Action, READ, _dependents)
action_dependency_by_id = one(ActionDependency, READ_DEPENDENCIES)
due_date_change_by_id = one(DueDateChange, READ_DUE_DATES)

actions = Register(Action, READ, ("due_on",))
my_actions = Register(Action, READ_OWN, ("turn", "due_on"))
action_dependencies = Register(ActionDependency, READ_DEPENDENCIES, ("created_at",))
due_date_changes = Register(DueDateChange, READ_DUE_DATES, ("created_at",))
