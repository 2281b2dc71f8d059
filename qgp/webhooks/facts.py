"""Events that endpoints can subscribe to, and whether an endpoint wants one."""

from collections.abc import Iterable, Mapping, Sequence

from qgp.kit.errors import Invalid, enumerated
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.outbox import EventVerb, OutboxEvent, event_kind
from qgp.kit.visibility import NODES
from qgp.kit.workflow import Stateful
from qgp.webhooks.model import WebhookEndpoint

ANY = "*"
# Verbs of the events of an endpoint beside those of each record.
DISABLED, REPLAYED, TEST = "disabled", "replayed", "test"
_EMITTED = (
    *("due_soon", "due", "overdue", "escalated"),
    *("effectiveness_due", "stale", "transition_deadline"),
    *("commented", "restored", "recurrence_detected", "applied", "superseded"),
    DISABLED,
)


def event_kinds() -> Mapping[str, type[Record]]:
    """Return the records that have events, by the first part of the events' names."""
    models: Iterable[type[Record]] = (loader.model for loader in NODES.values())
    kinds = {event_kind(model): model for model in models}
    return {name: kinds[name] for name in sorted(kinds)}


def event_verbs() -> Sequence[str]:
    """Return the second parts of the events' names."""
    workflows = [kind.workflow for kind in event_kinds().values() if issubclass(kind, Stateful)]
    steps = [step for workflow in workflows for step in workflow.transitions.values()]
    of_transitions = [step.emits for step in steps if step.emits is not None]
    return [*(verb.value for verb in EventVerb), *of_transitions, *_EMITTED]


def require_patterns(patterns: Sequence[str], path: str) -> None:
    """Check patterns such as finding.closed, finding.*, *.overdue and *.

    Raises:
        Invalid: a record or a verb is unknown.
    """
    kinds, verbs = event_kinds(), event_verbs()
    for pattern in patterns:
        kind, _, verb = pattern.partition(".")
        if pattern != ANY:
            _require_member(kind, (*kinds, ANY), f"`{pattern}` names no record with events", path)
            _require_member(verb, (*verbs, ANY), f"`{pattern}` has no verb of an event", path)


def require_states(states: Sequence[str]) -> None:
    """Check names of states, of any record; raise Invalid for an unknown one."""
    columns = (kind.__table__.columns.get("status") for kind in event_kinds().values())
    types = (column.type for column in columns if column is not None)
    names = sorted({name for kind in types for name in getattr(kind, "enums", ())})
    for state in states:
        _require_member(state, names, f"`{state}` is no state of a record", "states")


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


def _require_member(name: str, names: Iterable[str], problem: str, path: str) -> None:
    members = tuple(names)
    if name not in members:
        raise Invalid(
            f"{problem}. Use one of {', '.join(members)}.", path, constraint=enumerated(members)
        )


def is_test(event_name: str) -> bool:
    """Whether an event is the test of an endpoint, which no other endpoint receives."""
    return event_name == f"{event_kind(WebhookEndpoint)}.{TEST}"


def is_subscribed(endpoint: WebhookEndpoint, event: OutboxEvent) -> bool:
    """Whether an endpoint receives an event: since it is ACTIVE, by its patterns and conditions."""
    if is_test(event.name):
        return event.entity_id == endpoint.id
    if event.at < endpoint.enabled_at or not _is_selected(endpoint, event.name):
        return False
    if endpoint.requires_other_actor and event.actor_id == endpoint.acting_user_id:
        return False
    if endpoint.states and event.data.get("to") not in endpoint.states:
        return False
    changed = event.data.get("fields", ())
    return not endpoint.changed_fields or not {*endpoint.changed_fields}.isdisjoint(changed)


def _is_selected(endpoint: WebhookEndpoint, event_name: str) -> bool:
    kind, _, verb = event_name.partition(".")
    patterns = {ANY, event_name, f"{kind}.{ANY}", f"{ANY}.{verb}", f"{ANY}.{ANY}"}
    return kind in event_kinds() and not patterns.isdisjoint(endpoint.events)
