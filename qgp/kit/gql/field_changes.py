"""Changes of audit trail entries by API field, with values in the form of the API.

Columns without an API field and records hidden from the reader are left out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit import audit_content, ids
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
class FieldValues:
    """Form of a record field's values in the API.

    Attributes:
        name: of the field in the API.
        show: converts a value of the audit trail to its form in the API.
        prefix: of the referenced records, where the values are ids of one type.
        kind: column with the prefix of the referenced record, where the types differ.
    """

    name: str
    show: Callable[[Any], str | None]
    prefix: str | None = None
    kind: str | None = None

    def reference(self, value: Any, kind: Any) -> Named | None:
        """Return the record that a value refers to; `kind` is the value of the column `kind`."""
        prefix = self.prefix or (self.kind and kind)
        return (prefix, UUID(value)) if prefix and value is not None else None

    def side(self, value: Any, kind: Any, visible: Collection[Named]) -> "Side":
        """Return a value in the form of the API; None for a record that is not visible."""
        if not (self.prefix or self.kind):
            return Side(self.show(value))
        record = self.reference(value, kind)
        is_visible = record is not None and record in visible
        return Side(ids.encode(*record), record) if record and is_visible else Side(None)


@dataclass(frozen=True)
class Side:
    """Value of a field before or after a change, in the form of the API.

    Attributes:
        record: the record that the value refers to; None if it is no record, or hidden.
    """

    value: str | None
    record: Named | None = None


@dataclass(frozen=True)
class FieldChange:
    """Change of one field of a record."""

    field: str
    before: Side
    after: Side


@cache
def fields_of(kind: str) -> Mapping[str, FieldValues]:
    """Return the API fields of the records of a table, by column."""
    return dict(_fields_of(kind))


def _fields_of(kind: str) -> Iterator[tuple[str, FieldValues]]:
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
        if attribute in mapper.columns and attribute not in audit_content.STAMPS:
            name = field.graphql_name or to_camel(field.python_name)
            column = mapper.columns[attribute]
            if column.computed is not None:  # entries hold the column that it is computed from
                column = mapper.columns.get(name, column)
            yield column.key, FieldValues(name, _conversion(column), _target(column))
    for column in mapper.columns:
        if column.info.get(POINTS):
            name = column.key.removesuffix("_id")
            yield column.key, FieldValues(to_camel(name), _text, kind=f"{name}_type")


def _target(column: sa.Column[Any]) -> str | None:
    target = column.info.get("ref")
    return records()[target].prefix if target else None


def _conversion(column: sa.Column[Any]) -> Callable[[Any], str | None]:
    if isinstance(column.type, sa.DateTime):
        return lambda value: value and print_instant(datetime.fromisoformat(value))
    return _text


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return audit_content.canonical(value)


def named_in(kind: str, entries: Iterable[Mapping[str, Any]]) -> Iterator[Named]:
    """Yield the records that the values of some entries refer to."""
    for changes in entries:
        for column, field in fields_of(kind).items():
            if column in changes:
                references = map(field.reference, changes[column], _kinds(field, changes))
                yield from (record for record in references if record is not None)


def changes_of(
    kind: str, changes: Mapping[str, Any], visible: Collection[Named]
) -> Iterator[FieldChange]:
    """Yield the changes of an entry by field, in the type's order.

    Args:
        kind: the table of the record.
        changes: of the entry, by column.
        visible: records that the reader may see; a change between other records is left out.
    """
    for column, field in fields_of(kind).items():
        if column in changes:
            kinds = _kinds(field, changes)
            before, after = (
                field.side(value, which, visible)
                for value, which in zip(changes[column], kinds, strict=True)
            )
            is_hidden = before.value is after.value is None and any(changes[column])
            if not is_hidden:
                yield FieldChange(field.name, before, after)
    if GONE in changes:
        before, after = (Side(_text(value)) for value in changes[GONE])
        yield FieldChange("isDeleted", before, after)


def _kinds(field: FieldValues, changes: Mapping[str, Any]) -> Any:
    none = (None, None)
    return changes.get(field.kind, none) if field.kind else none


def state_after(
    kind: str, entries: list[Mapping[str, Any]], visible: Collection[Named]
) -> Mapping[str, str | None]:
    """Return each field's value after the first entries of a record.

    Args:
        kind: the table of the record.
        entries: the changes from the creation on, in order.
        visible: records that the reader may see; a reference to another is None.
    """
    state: dict[str, Any] = {}
    for changes in entries:
        state |= {column: after for column, (_, after) in changes.items()}
    return {
        field.name: field.side(state.get(column), state.get(field.kind or ""), visible).value
        for column, field in fields_of(kind).items()
    }
