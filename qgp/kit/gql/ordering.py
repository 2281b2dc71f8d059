"""Order input types: sort key and direction."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from qgp.kit.described_enum import DescribedEnum, described_enum
from qgp.kit.names import one_of


class OrderDirection(DescribedEnum):
    """Direction of an order."""

    ASC = "ASC", "Ascending: smallest, earliest, A first; null last."
    DESC = "DESC", "Descending: largest, latest, Z first; null first."


def _words(name: str) -> str:
    return name.replace("_", " ")


def lazy_order(kind: str) -> Any:
    """Return a lazy reference to the order of a type, by the type's name."""
    return Annotated[f"{kind}Order", strawberry.lazy("qgp.kit.gql.derived")]


def ordering(kind: str, fields: Mapping[str, str]) -> Any:
    """Make the order input of a type.

    Args:
        kind: the GraphQL type that is ordered.
        fields: for each value of the order's enum, in lower case, the attribute that it sorts by.
    """
    values = {name.upper(): (name.upper(), f"By {_words(name)}.") for name in fields}
    choices = described_enum(f"{kind}OrderField", values, f"Sort keys of {kind} lists.")
    body: dict[str, Any] = {
        "field": strawberry.field(description="Sort key."),
        "direction": strawberry.field(default=OrderDirection.ASC, description="Direction."),
        "__annotations__": {"field": choices, "direction": OrderDirection},
    }
    body["attributes"] = {name.upper(): attribute for name, attribute in fields.items()}
    order_class = type(f"{kind}Order", (), body)
    return strawberry.input(
        order_class, description=f"Sort key and direction of {one_of(kind)} list."
    )
