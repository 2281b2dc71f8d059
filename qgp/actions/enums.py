"""The module's closed sets, published; GraphQL files take them from here."""

from qgp.actions.terms import ActionKind, ActionPriority, ActionStatus
from qgp.kit.gql import described

__all__ = ["ActionKind", "ActionPriority", "ActionStatus"]

described(ActionKind, "What an action is for.")
described(ActionPriority, "How much an action matters beside others.")
described(ActionStatus, "Where an action stands.")
