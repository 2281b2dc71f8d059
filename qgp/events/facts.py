"""Names of events, and the patterns that select events by their names."""

from collections.abc import Collection, Iterable, Mapping, Sequence

from qgp.kit.errors import Invalid, enumerated
from qgp.kit.model import Record
from qgp.kit.outbox import EventVerb, event_kind
from qgp.kit.visibility import NODES
from qgp.kit.workflow import Stateful

ANY = "*"
_EMITTED = (
    *("due_soon", "due", "overdue", "escalated"),
    *("effectiveness_due", "stale", "transition_deadline"),
    *("commented", "restored", "recurrence_detected", "applied", "superseded", "disabled"),
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
            require_member(kind, (*kinds, ANY), f"`{pattern}` names no record with events", path)
            require_member(verb, (*verbs, ANY), f"`{pattern}` has no verb of an event", path)


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
