"""Constant JSON: known when a plan is made, for all rows or for each state of a workflow."""

from collections.abc import Sequence
from typing import Any

import orjson
from graphql import FieldNode, GraphQLField, GraphQLObjectType, get_named_type, is_leaf_type

from qgp.engine.collect_fields import FieldCollector
from qgp.engine.plan import JsonByStatus, Unplannable
from qgp.kit.gql.workflows import AvailableTransition
from qgp.kit.model import Record
from qgp.kit.policy import Role
from qgp.kit.workflow import Stateful


def to_json(value: object) -> str:
    """Return a value as JSON text."""
    return orjson.dumps(value).decode()


def transitions_by_status(
    model: type[Record],
    role: Role,
    collector: FieldCollector,
    field: GraphQLField,
    nodes: Sequence[FieldNode],
) -> JsonByStatus:
    """Return the available transitions of each state of a workflow.

    Raises:
        Unplannable: a guard of the workflow depends on the row.
    """
    assert issubclass(model, Stateful)
    states = model.workflow.open_to(role)
    if states is None:
        raise Unplannable(f"guards of {model.__name__}")
    type_ = get_named_type(field.type)
    assert isinstance(type_, GraphQLObjectType)
    json_by_status: dict[str, str] = {
        state.value: to_json(
            [_select(type_, AvailableTransition.of(each), collector, nodes) for each in transitions]
        )
        for state, transitions in states.items()
    }
    return JsonByStatus(tuple(json_by_status.items()), "[]")


def _select(
    type_: GraphQLObjectType, value: Any, collector: FieldCollector, nodes: Sequence[FieldNode]
) -> dict[str, Any]:
    """Return the selected fields of a Python object."""
    selected: dict[str, Any] = {}
    for name, fields in collector.subfields(type_, nodes).items():
        if fields[0].name.value == "__typename":
            selected[name] = type_.name
            continue
        field = type_.fields[fields[0].name.value]
        attribute = getattr(value, field.extensions["strawberry-definition"].python_name)
        field_type = get_named_type(field.type)
        if is_leaf_type(field_type) or attribute is None:
            selected[name] = attribute
        else:
            assert isinstance(field_type, GraphQLObjectType)
            selected[name] = [_select(field_type, each, collector, fields) for each in attribute]
    return selected
