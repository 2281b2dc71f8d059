"""What the trail tells of a record: the fields that the API shows, with values as it shows them.

A column that no field shows is not told: what is kept secret stays so.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import audit, ids
from qgp.kit.clock import print_instant
from qgp.kit.gql.declared import DECLARED, Column, Relation
from qgp.kit.gql.fields import TYPES
from qgp.kit.loader import One
from qgp.kit.model import records
from qgp.kit.names import to_camel
from qgp.kit.subjects import POINTS

GONE = "deleted"


@dataclass(frozen=True)
class Told:
    """A field of a record.

    Attributes:
        name: as the API spells it.
        show: turns a value of the trail into what the API shows.
        kind: column with the prefix of the record that the value is the id of, if any has.
    """

    name: str
    show: Callable[[Any], str | None]
    kind: str | None = None

    def told(self, value: Any, kind: Any) -> str | None:
        """Return a value as the API shows it; `kind` is what the column of that name holds."""
        if self.kind is None or value is None:
            return self.show(value)
        return ids.encode(kind, UUID(value))


@cache
def fields_of(kind: str) -> Mapping[str, Told]:
    """Return the fields that the API shows of the records of a table, by column."""
    return dict(_fields_of(kind))


def _fields_of(kind: str) -> Iterator[tuple[str, Told]]:
    model = records()[kind]
    mapper: Any = sa.inspect(model)
    definition: Any = TYPES[model]
    for field in definition.__strawberry_definition__.fields:
        match field.metadata.get(DECLARED):
            case Column():
                attribute = field.python_name
            case Relation(One(), attribute) if attribute != "id":
                pass
            case _:
                continue
        if attribute in mapper.columns and attribute not in audit.STAMPS:
            name = field.graphql_name or to_camel(field.python_name)
            column = mapper.columns[attribute]
            if column.computed is not None:  # the trail knows what it is computed from
                column = mapper.columns.get(name, column)
            yield column.key, Told(name, _showing(column))
    for column in mapper.columns:
        if column.info.get(POINTS):
            name = column.key.removesuffix("_id")
            yield column.key, Told(to_camel(name), _text, f"{name}_type")


def _showing(column: sa.Column[Any]) -> Callable[[Any], str | None]:
    if target := column.info.get("ref"):
        prefix = records()[target].prefix
        return lambda value: None if value is None else ids.encode(prefix, UUID(value))
    if isinstance(column.type, sa.DateTime):
        return lambda value: value and print_instant(datetime.fromisoformat(value))
    return _text


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return audit.canonical(value)


def changes_of(kind: str, changes: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Yield field, value before and value after of an entry's changes, in the type's order."""
    for column, told in fields_of(kind).items():
        if column in changes:
            kinds = changes.get(told.kind, (None, None)) if told.kind else (None, None)
            before, after = map(told.told, changes[column], kinds)
            yield told.name, before, after
    if GONE in changes:
        before, after = map(_text, changes[GONE])
        yield "isDeleted", before, after


def as_it_stood(kind: str, entries: list[Mapping[str, Any]]) -> Mapping[str, str | None]:
    """Return each field's value after these changes, the first of which made the record."""
    standing: dict[str, Any] = {}
    for changes in entries:
        standing |= {column: after for column, (_, after) in changes.items()}
    return {
        told.name: told.told(standing.get(column), standing.get(told.kind or ""))
        for column, told in fields_of(kind).items()
    }
