"""SQL that writes scalars as JSON, byte for byte as the resolver path does."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLOutputType,
    get_named_type,
    get_nullable_type,
    is_list_type,
)

Element = sa.ColumnElement[Any]


@dataclass(frozen=True)
class ScalarFormat:
    """JSON text of a column: an SQL expression between two constant texts.

    Attributes:
        write: makes the SQL expression, which is null where the column is null.
    """

    write: Callable[[Element], Element]
    before: str = ""
    after: str = ""

    def parts(self, column: Element, *, nullable: bool) -> list[str | Element]:
        """Return the parts of the JSON text; `null` where the column is null."""
        if not nullable:
            return [part for part in (self.before, self.write(column), self.after) if part != ""]
        text: Element = sa.cast(self.write(column), sa.Text)
        if self.before:
            text = literal(self.before).concat(text)
        if self.after:
            text = text.concat(literal(self.after))
        return [sa.func.coalesce(text, literal("null"))]


def literal(text: str) -> Element:
    """Return a text as an SQL literal, not as a parameter."""
    return sa.literal_column("'" + text.replace("'", "''") + "'", sa.Text)


def _json(column: Element) -> Element:
    return sa.func.to_json(column, type_=sa.JSON)


def _instant(column: Element) -> Element:
    """Write `"2026-03-01T09:30:00.12`; the rest is always `Z"`."""
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

_FORMATS: dict[str, tuple[ScalarFormat, type[sa.types.TypeEngine[Any]]]] = {
    "String": (TEXT, sa.Text),
    "URL": (TEXT, sa.Text),
    "Int": (PLAIN, sa.Integer),
    "Boolean": (BOOLEAN, sa.Boolean),
    "Decimal": (NUMBER, sa.Numeric),
    "Date": (TEXT, sa.Date),
    "DateTime": (INSTANT, sa.DateTime),
}


def scalar_format(
    declared: GraphQLOutputType, column: sa.types.TypeEngine[Any]
) -> ScalarFormat | None:
    """Return the format of a column for a field's type; None if SQL cannot write it."""
    type_, is_list = get_named_type(declared), is_list_type(get_nullable_type(declared))
    if isinstance(type_, GraphQLEnumType):
        if any(name != value.value for name, value in type_.values.items()):
            return None
        if is_list:
            return TEXT if isinstance(column, sa.ARRAY) else None
        return QUOTED if isinstance(column, sa.Enum) else None
    if is_list:
        item = column.item_type if isinstance(column, sa.ARRAY) else None
        stored = {"String": sa.Text, "Int": sa.Integer}.get(type_.name, sa.types.NullType)
        return TEXT if isinstance(item, stored) else None
    format_, stored = _FORMATS.get(type_.name, (None, sa.types.NullType))
    fits = isinstance(column, stored) and not isinstance(column, sa.BigInteger)
    return format_ if fits else None
