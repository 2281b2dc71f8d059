"""Order input types: sort key and direction."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from qgp.kit.described_enum import DescribedEnum, described_enum
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.names import plural, to_camel


class OrderDirection(DescribedEnum):
    """Direction of an order."""

    ASC = "ASC", "Ascending: smallest, earliest, A first; null last."
    DESC = "DESC", "Descending: largest, latest, Z first; null first."


def _description(name: str, attribute: str) -> str:
    """Describe a sort key by its field, as the API spells it: `dueOn`, `owner.name`."""
    _, _, shown = attribute.partition(".")
    field = to_camel(name.removesuffix(f"_{shown}"))
    return f"By `{field}.{shown}`." if shown else f"By `{field}`."


def lazy_order(kind: str) -> Any:
    """Return a lazy reference to the order of a type, by the type's name."""
    return Annotated[f"{kind}Order", strawberry.lazy("qgp.kit.gql.derived")]


def ordering(kind: str, fields: Mapping[str, str]) -> Any:
    """Make the order input of a type.

    Args:
        kind: the GraphQL type that is ordered.
        fields: for each value of the order's enum, in lower case, the attribute that it sorts by.
    """
    values = {name.upper(): (name.upper(), _description(name, key)) for name, key in fields.items()}
    choices = described_enum(f"{kind}OrderField", values, f"Sort keys of {plural(kind)}.")
    body: dict[str, Any] = {
        "field": strawberry.field(description="Sort key."),
        "direction": strawberry.field(default=OrderDirection.ASC, description="Direction."),
        "__annotations__": {"field": choices, "direction": OrderDirection},
    }
    body["attributes"] = {name.upper(): attribute for name, attribute in fields.items()}
    order_class = type(f"{kind}Order", (), body)
    description = f"Sort key of {plural(kind)}, and its direction."
    return strawberry.input(share_annotations(order_class), description=description)
