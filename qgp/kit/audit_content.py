"""Content of records in the form that the audit trail hashes: canonical JSON (RFC 8785)."""

import json
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm.attributes import instance_dict, instance_state

from qgp.kit.decimals import plain
from qgp.kit.model import Record, history_of
from qgp.kit.text_keys import DERIVED

STAMPS = {"version", "created_at", "created_by_id", "updated_at", "updated_by_id"}
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> str:
    """Return a value as RFC 8785 JSON: text, integers, booleans, null, lists and objects."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # an integer of more than 64 bits, for example
        return _CANONICAL.encode(value)


def values_of_new(row: Record) -> dict[str, Any]:
    """Map each column of a new row that has a value to `[None, value]`."""
    return {name: [None, value] for name, value in content(row).items()}


def content(row: Record) -> dict[str, Any]:
    """Return the audited columns of a row that have a value, in the form that is hashed."""
    values = instance_dict(row)
    return {
        name: json_form(value)
        for name in content_columns(type(row))
        if (value := values.get(name)) is not None
    }


def changes_of(row: Record) -> dict[str, Any]:
    """Map each changed column to `[before, after]`."""
    changed = {}
    former = instance_state(row).committed_state
    for name in content_columns(type(row)):
        if name not in former:
            continue
        history = history_of(row, name)
        if history.has_changes():
            before, after = (
                json_form((side or [None])[0]) for side in (history.deleted, history.added)
            )
            if before != after:
                changed[name] = [before, after]
    return changed


@cache
def content_columns(kind: type[Record]) -> Sequence[str]:
    """Return the names of a record's audited columns: all but stamps and computed ones."""
    columns = {attribute.key: attribute.columns[0] for attribute in sa.inspect(kind).column_attrs}
    return [
        name
        for name, column in columns.items()
        if name not in STAMPS and column.computed is None and not column.info.get(DERIVED)
    ]


def json_form(value: Any) -> Any:
    """Return a value in the JSON form that is hashed and stored.

    Raises:
        TypeError: the audit trail stores no such values.
    """
    return _converter(value.__class__)(value)


@cache
def _converter(kind: type) -> Callable[[Any], Any]:
    """Return the function that makes the JSON form of values of a type."""
    for kinds, convert in _CONVERTERS:
        if issubclass(kind, kinds):
            return convert
    raise TypeError(f"the audit trail cannot store a {kind.__name__}")


def _unchanged(value: Any) -> Any:
    return value


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _items(values: list[Any]) -> list[Any]:
    return [json_form(item) for item in values]


_CONVERTERS: Sequence[tuple[Any, Callable[[Any], Any]]] = (
    (datetime, _instant),
    (Enum, attrgetter("value")),
    (list, _items),
    ((NoneType, int, str, dict), _unchanged),
    ((UUID, date), str),
    (Decimal, plain),
)
