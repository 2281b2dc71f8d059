"""Names of events, and the patterns that select events by their names."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from qgp.kit.errors import Invalid, enumerated
from qgp.kit.model import Record
from qgp.kit.outbox import EventVerb, event_kind
from qgp.kit.visibility import NODES
from qgp.kit.workflow import Stateful

ANY = "*"
_OF_MANY_KINDS = ("due_soon", "due", "overdue", "escalated", "commented")
_OF_ONE_KIND = {
    "effectiveness_due": "capa",
    "stale": "evidence_item",
    "transition_deadline": "standard",
    "restored": "audit_template",
    "recurrence_detected": "finding",
    "applied": "signature",
    "superseded": "signature",
    "disabled": "webhook_endpoint",
}


def event_kinds() -> Mapping[str, type[Record]]:
    """Return the records that have events, by the first part of the events' names."""
    models: Iterable[type[Record]] = (loader.model for loader in NODES.values())
    kinds = {event_kind(model): model for model in models}
    return {name: kinds[name] for name in sorted(kinds)}


def event_verbs() -> Sequence[str]:
    """Return the second parts of the events' names."""
    return [*(verb.value for verb in EventVerb), *_OF_MANY_KINDS, *_kinds_by_verb()]


def _kinds_by_verb() -> Mapping[str, Collection[str]]:
    """Return the first parts of the names of events whose verb some kinds of records have alone."""
    kinds = {verb: {kind} for verb, kind in _OF_ONE_KIND.items()}
    for name, model in event_kinds().items():
        if issubclass(model, Stateful):
            for step in model.workflow.transitions.values():
                if step.emits is not None:
                    kinds.setdefault(step.emits, set()).add(name)
    return kinds


def require_patterns(patterns: Sequence[str], path: str) -> None:
    """Check patterns such as finding.closed, finding.*, *.overdue and *.

    Raises:
        Invalid: a record or a verb is unknown, or the record has no event of the verb.
    """
    kinds, verbs, of_verbs = event_kinds(), event_verbs(), _kinds_by_verb()
    for pattern in patterns:
        kind, _, verb = pattern.partition(".")
        if pattern != ANY:
            require_member(kind, (*kinds, ANY), f"`{pattern}` names no record with events", path)
            require_member(verb, (*verbs, ANY), f"`{pattern}` has no verb of an event", path)
            of_verb = (*of_verbs.get(verb, kinds), ANY)
            require_member(kind, of_verb, f"`{pattern}` is no event, {verb} is of others", path)


def require_member(name: str, names: Iterable[str], problem: str, path: str) -> None:
    """Check that a name is one of some; raise Invalid with the problem and these names."""
    members = tuple(names)
    if name not in members:
        raise Invalid(
            f"{problem}. Use one of {', '.join(members)}.", path, constraint=enumerated(members)
        )


def is_selected(event_name: str, patterns: Collection[str]) -> bool:
    """Whether one of the patterns selects an event."""
    kind, _, verb = event_name.partition(".")
    selecting = {ANY, event_name, f"{kind}.{ANY}", f"{ANY}.{verb}", f"{ANY}.{ANY}"}
    return not selecting.isdisjoint(patterns)
