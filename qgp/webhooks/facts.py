"""Events that endpoints can subscribe to, and whether an endpoint wants one."""

from collections.abc import Sequence

from qgp.events.facts import event_kinds, is_selected, require_member
from qgp.kit.errors import Invalid
from qgp.kit.names import to_camel
from qgp.kit.outbox import OutboxEvent, event_kind
from qgp.webhooks.model import WebhookEndpoint

# Verbs of the events of an endpoint beside those of each record.
DISABLED, REPLAYED, TEST = "disabled", "replayed", "test"


def require_states(states: Sequence[str]) -> None:
    """Check names of states, of any record; raise Invalid for an unknown one."""
    columns = (kind.__table__.columns.get("status") for kind in event_kinds().values())
    types = (column.type for column in columns if column is not None)
    names = sorted({name for kind in types for name in getattr(kind, "enums", ())})
    for state in states:
        require_member(state, names, f"`{state}` is no state of a record", "states")


def require_fields(fields: Sequence[str]) -> None:
    """Check names of fields, of any record; raise Invalid for an unknown one."""
    columns = (column.name for kind in event_kinds().values() for column in kind.__table__.columns)
    names = sorted({to_camel(name.removesuffix("_id")) for name in columns})
    for field in fields:
        if field not in names:
            message = (
                f"`{field}` is no field that a change names. Use names of the API, such as dueOn, "
                "and the name of a relation, such as owner."
            )
            raise Invalid(message, "changedFields")


def is_test(event_name: str) -> bool:
    """Whether an event is the test of an endpoint, which no other endpoint receives."""
    return event_name == f"{event_kind(WebhookEndpoint)}.{TEST}"


def is_subscribed(endpoint: WebhookEndpoint, event: OutboxEvent) -> bool:
    """Whether an endpoint receives an event: since it is ACTIVE, by its patterns and conditions."""
    if is_test(event.name):
        return event.entity_id == endpoint.id
    if event.name.partition(".")[0] not in event_kinds():
        return False
    if event.at < endpoint.enabled_at or not is_selected(event.name, endpoint.events):
        return False
    if endpoint.requires_other_actor and event.actor_id == endpoint.acting_user_id:
        return False
    if endpoint.states and event.data.get("to") not in endpoint.states:
        return False
    changed = event.data.get("fields", ())
    return not endpoint.changed_fields or not {*endpoint.changed_fields}.isdisjoint(changed)
