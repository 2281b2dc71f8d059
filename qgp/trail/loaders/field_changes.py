"""What the trail tells of a record: the fields that the API shows, with values as it shows them.

A column that no field shows is not told: what is kept secret stays so. Nor is a record named that
the reader may not see.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import audit, ids
from qgp.kit.clock import print_instant
from qgp.kit.gql.declarations import DECLARED, Column, Relation
from qgp.kit.gql.fields import TYPES
from qgp.kit.loader import One
from qgp.kit.model import records
from qgp.kit.names import to_camel
from qgp.kit.subjects import POINTS
from qgp.kit.visibility import Named

GONE = "deleted"


@dataclass(frozen=True)
class Told:
    """A field of a record.

    Attributes:
        name: as the API spells it.
        show: turns a value of the trail into what the API shows.
        prefix: of the records whose ids its values are, if they are ids of one kind.
        kind: column with the prefix of the record that the value is the id of, if any has.
    """

    name: str
    show: Callable[[Any], str | None]
    prefix: str | None = None
    kind: str | None = None

    def named(self, value: Any, kind: Any) -> Named | None:
        """Return the record that a value names; `kind` is what the column of that name holds."""
        prefix = self.prefix or (self.kind and kind)
        return (prefix, UUID(value)) if prefix and value is not None else None

    def told(self, value: Any, kind: Any, visible: Collection[Named]) -> str | None:
        """Return a value as the API shows it; None for a record that is not visible."""
        if not (self.prefix or self.kind):
            return self.show(value)
        named = self.named(value, kind)
        return ids.encode(*named) if named is not None and named in visible else None


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
            yield column.key, Told(name, _showing(column), _target(column))
    for column in mapper.columns:
        if column.info.get(POINTS):
            name = column.key.removesuffix("_id")
            yield column.key, Told(to_camel(name), _text, kind=f"{name}_type")


def _target(column: sa.Column[Any]) -> str | None:
    target = column.info.get("ref")
    return records()[target].prefix if target else None


def _showing(column: sa.Column[Any]) -> Callable[[Any], str | None]:
    if isinstance(column.type, sa.DateTime):
        return lambda value: value and print_instant(datetime.fromisoformat(value))
    return _text


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return audit.canonical(value)


def named_in(kind: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[Named]:
    """Yield the records that changes of a record of the kind name."""
    for changes in entries:
        for column, told in fields_of(kind).items():
            if column in changes:
                named = map(told.named, changes[column], _kinds(told, changes))
                yield from (record for record in named if record is not None)


def changes_of(
    kind: str, changes: Mapping[str, Any], visible: Collection[Named]
) -> Iterator[tuple[str, Any, Any]]:
    """Yield field, value before and value after of an entry's changes, in the type's order.

    Args:
        kind: the table of the record.
        changes: by column, as the trail holds them.
        visible: the records that may be named; a change that names none of them is left out.
    """
    for column, told in fields_of(kind).items():
        if column in changes:
            kinds = _kinds(told, changes)
            before, after = (
                told.told(value, which, visible)
                for value, which in zip(changes[column], kinds, strict=True)
            )
            is_hidden = before is after is None and any(changes[column])
            if not is_hidden:
                yield told.name, before, after
    if GONE in changes:
        before, after = map(_text, changes[GONE])
        yield "isDeleted", before, after


def _kinds(told: Told, changes: Mapping[str, Any]) -> Any:
    none = (None, None)
    return changes.get(told.kind, none) if told.kind else none


def as_it_stood(
    kind: str, entries: list[Mapping[str, Any]], visible: Collection[Named]
) -> Mapping[str, str | None]:
    """Return each field's value after these changes, the first of which made the record.

    Args:
        kind: the table of the record.
        entries: the changes, in order.
        visible: the records that may be named; the value of a field that names another is None.
    """
    standing: dict[str, Any] = {}
    for changes in entries:
        standing |= {column: after for column, (_, after) in changes.items()}
    return {
        told.name: told.told(standing.get(column), standing.get(told.kind or ""), visible)
        for column, told in fields_of(kind).items()
    }
