"""What a register can be ordered by, and which way."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from qgp.kit.described_enum import DescribedEnum, described_enum
from qgp.kit.names import one_of


class OrderDirection(DescribedEnum):
    """Which way an order runs."""

    ASC = "ASC", "Smallest, earliest, A first; empty ones last."
    DESC = "DESC", "Largest, latest, Z first; empty ones first."


def _words(name: str) -> str:
    return name.replace("_", " ")


def lazy_order(kind: str) -> Any:
    """Return the order of a type, by the type's name; it is made before the schema is."""
    return Annotated[f"{kind}Order", strawberry.lazy("qgp.kit.gql.derived")]


def ordering(kind: str, fields: Mapping[str, str]) -> Any:
    """Make the order input of a register.

    Args:
        kind: the GraphQL type that is ordered.
        fields: for each value of the order's enum, in lower case, the attribute it sorts by.
    """
    values = {name.upper(): (name.upper(), f"By {_words(name)}.") for name in fields}
    choices = described_enum(f"{kind}OrderField", values, f"What {kind} lists can be ordered by.")
    body: dict[str, Any] = {
        "field": strawberry.field(description="What to order by."),
        "direction": strawberry.field(default=OrderDirection.ASC, description="Which way."),
        "__annotations__": {"field": choices, "direction": OrderDirection},
    }
    body["attributes"] = {name.upper(): attribute for name, attribute in fields.items()}
    order_class = type(f"{kind}Order", (), body)
    return strawberry.input(
        order_class, description=f"One key of the order of {one_of(kind)} list."
    )
