"""The few fields of a hidden record that the readers of a record that points at it may read."""

from collections.abc import Iterator
from typing import Any

from graphql import GraphQLObjectType, GraphQLSchema, get_named_type

from qgp.kit.gql.declarations import DECLARED, Excerpted

# All of them, by the field that shows them.
EXCERPTS = {
    "parentAudit": {"reference", "title", "status", "clause"},
    "parentCapa": {"reference", "title", "status", "clause"},
    "parentFinding": {"reference", "title", "status", "clause"},
    "raisingAudit": {"reference", "criteria", "leadAuditor"},
}


def without_excerpts(data: Any) -> Any:
    """Return data without these fields, which show nothing else of a record."""
    if isinstance(data, list):
        return [without_excerpts(item) for item in data]
    if not isinstance(data, dict):
        return data
    kept = {}
    for name, value in data.items():
        fields = EXCERPTS.get(name.rpartition("_")[2])
        if fields is None:
            kept[name] = without_excerpts(value)
        elif value is not None:
            assert {field.rpartition("_")[2] or field for field in value} <= {*fields, "typename"}
    return kept


def declared(schema: GraphQLSchema) -> Iterator[tuple[str, set[str]]]:
    """Yield each field of the schema that shows an excerpt, and the fields of its type."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType):
            for name, field in kind.fields.items():
                definition = field.extensions.get("strawberry-definition")
                shown: Any = get_named_type(field.type)
                if definition and isinstance(definition.metadata.get(DECLARED), Excerpted):
                    yield name, {*shown.fields}
