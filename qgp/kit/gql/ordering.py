"""What a register can be ordered by, and which way."""

from typing import Any

import strawberry

from qgp.kit.gql.enums import described
from qgp.kit.names import one_of
from qgp.kit.terms import Term


class OrderDirection(Term):
    """Which way an order runs."""

    ASC = "ASC", "Smallest, earliest, A first; empty ones last."
    DESC = "DESC", "Largest, latest, Z first; empty ones first."


described(OrderDirection, "Which way an order runs.")


def _words(name: str) -> str:
    return name.replace("_", " ")


def ordering(kind: str, /, *, is_dated: bool = True, **fields: str) -> Any:
    """Make the order input of a register: `ordering("Clause", number="sort_key")`.

    Args:
        kind: the GraphQL type that is ordered.
        is_dated: whether it has the dates of a record.
        fields: for each value of the order's enum, in lower case, the attribute it sorts by;
            the dates that every record has need no mention.
    """
    fields |= {name: name for name in ("created_at", "updated_at") if is_dated}
    values = {name.upper(): (name.upper(), f"By {_words(name)}.") for name in fields}
    choices: Any = Term(f"{kind}OrderField", values)  # type: ignore[arg-type]  # made from data
    described(choices, f"What {kind} lists can be ordered by.")
    body: dict[str, Any] = {
        "field": strawberry.field(description="What to order by."),
        "direction": strawberry.field(default=OrderDirection.ASC, description="Which way."),
        "__annotations__": {"field": choices, "direction": OrderDirection},
    }
    body["attributes"] = {name.upper(): attribute for name, attribute in fields.items()}
    made = type(f"{kind}Order", (), body)
    return strawberry.input(made, description=f"One key of the order of {one_of(kind)} list.")
