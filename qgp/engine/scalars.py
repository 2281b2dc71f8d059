"""How PostgreSQL writes a leaf as JSON, letter by letter as the reference does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLNamedType

Element = sa.ColumnElement[Any]


@dataclass(frozen=True)
class ScalarFormat:
    """A text made of a column, between two texts that never change.

    Attributes:
        write: makes SQL that is null where the column is.
    """

    write: Callable[[Element], Element]
    before: str = ""
    after: str = ""

    def parts(self, column: Element, *, nullable: bool) -> list[str | Element]:
        """Return the pieces of the JSON, `null` where the column is empty."""
        if not nullable:
            return [part for part in (self.before, self.write(column), self.after) if part != ""]
        whole: Element = sa.cast(self.write(column), sa.Text)
        if self.before:
            whole = literal(self.before).concat(whole)
        if self.after:
            whole = whole.concat(literal(self.after))
        return [sa.func.coalesce(whole, literal("null"))]


def literal(text: str) -> Element:
    """Return a text as it stands in the statement, not as a parameter."""
    return sa.literal_column("'" + text.replace("'", "''") + "'", sa.Text)


def _json(column: Element) -> Element:
    return sa.func.to_json(column, type_=sa.JSON)


def _instant(column: Element) -> Element:
    """Write `"2026-03-01T09:30:00.12`; what follows is always `Z"`."""
    local = sa.func.timezone(literal("UTC"), column)
    return sa.func.rtrim(sa.cast(_json(local), sa.Text), literal('"'))


TEXT = ScalarFormat(_json)
PLAIN = ScalarFormat(lambda column: column)
BOOLEAN = ScalarFormat(lambda column: sa.cast(column, sa.Text))
QUOTED = ScalarFormat(lambda column: column, '"', '"')
INSTANT = ScalarFormat(_instant, after='Z"')
NUMBER = ScalarFormat(lambda column: sa.cast(sa.func.trim_scale(column), sa.Text), '"', '"')
HEX = ScalarFormat(
    lambda column: sa.func.replace(sa.cast(column, sa.Text), literal("-"), literal(""))
)

_FORMS: dict[str, tuple[ScalarFormat, type[sa.types.TypeEngine[Any]]]] = {
    "String": (TEXT, sa.Text),
    "URL": (TEXT, sa.Text),
    "Int": (PLAIN, sa.Integer),
    "Boolean": (BOOLEAN, sa.Boolean),
    "Decimal": (NUMBER, sa.Numeric),
    "Date": (TEXT, sa.Date),
    "DateTime": (INSTANT, sa.DateTime),
}


def scalar_format(
    kind: GraphQLNamedType, held: sa.types.TypeEngine[Any], *, is_list: bool
) -> ScalarFormat | None:
    """Return how a column is written for a GraphQL type; None where only Python knows."""
    if isinstance(kind, GraphQLEnumType):
        if any(name != value.value for name, value in kind.values.items()):
            return None
        if is_list:
            return TEXT if isinstance(held, sa.ARRAY) else None
        return QUOTED if isinstance(held, sa.Enum) else None
    if is_list:
        is_texts = isinstance(held, sa.ARRAY) and isinstance(held.item_type, sa.Text)
        return TEXT if kind.name == "String" and is_texts else None
    form, stored = _FORMS.get(kind.name, (None, sa.types.NullType))
    fits = isinstance(held, stored) and not isinstance(held, sa.BigInteger)
    return form if fits else None
