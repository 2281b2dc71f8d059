"""JSON that plans know before any row is read."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type
from graphql import is_leaf_type as is_leaf

from qgp.engine.collect_fields import FieldCollector
from qgp.engine.plan import JsonByStatus, Unplannable
from qgp.kit.gql.workflows import AvailableTransition
from qgp.kit.model import Record
from qgp.kit.policy import Role
from qgp.kit.workflow import Stateful


def json_of(value: object) -> str:
    """Return a value as JSON text."""
    return orjson.dumps(value).decode()


def states_of(
    model: type[Record],
    role: Role,
    collector: FieldCollector,
    field: GraphQLField,
    nodes: Sequence[FieldNode],
) -> JsonByStatus:
    """Write the steps out of each state of a workflow.

    Raises:
        Opaque: a guard has to look at the row.
    """
    assert issubclass(model, Stateful)
    states = model.workflow.open_to(role)
    if states is None:
        raise Unplannable(f"guards of {model.__name__}")
    kind = get_named_type(field.type)
    assert isinstance(kind, GraphQLObjectType)
    jsons: Mapping[str, str] = {
        state.value: json_of(
            [_shown(kind, AvailableTransition.of(option), collector, nodes) for option in options]
        )
        for state, options in states.items()
    }
    return JsonByStatus(jsons, "[]")


def _shown(
    kind: GraphQLObjectType, value: Any, collector: FieldCollector, nodes: Sequence[FieldNode]
) -> dict[str, Any]:
    """Show an object at hand as the fields select it."""
    shown: dict[str, Any] = {}
    for name, of in collector.of(kind, nodes).items():
        if of[0].name.value == "__typename":
            shown[name] = kind.name
            continue
        field = kind.fields[of[0].name.value]
        found = getattr(value, field.extensions["strawberry-definition"].python_name)
        below = get_named_type(field.type)
        if is_leaf(below) or found is None:
            shown[name] = found
        else:
            assert isinstance(below, GraphQLObjectType)
            shown[name] = [_shown(below, one, collector, of) for one in found]
    return shown
