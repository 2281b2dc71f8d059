"""Content of records in the form that the audit trail hashes: canonical JSON (RFC 8785)."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from qgp.kit.decimals import plain
from qgp.kit.model import Record
from qgp.kit.text_keys import DERIVED

STAMPS = {"version", "created_at", "created_by_id", "updated_at", "updated_by_id"}
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> str:
    """Return a value as RFC 8785 JSON: text, integers, booleans, null, lists and objects."""
    return _CANONICAL.encode(value)


def values_of_new(row: Record) -> dict[str, Any]:
    """Map each column of a new row that has a value to `[None, value]`."""
    return {name: [None, value] for name, value in content(row).items()}


def content(row: Record) -> dict[str, Any]:
    """Return the audited columns of a row that have a value, in the form that is hashed."""
    loaded = sa.inspect(row).dict
    values = ((name, json_form(loaded.get(name))) for name in content_columns(type(row)))
    return {name: value for name, value in values if value is not None}


def changes_of(row: Record) -> dict[str, Any]:
    """Map each changed column to `[before, after]`."""
    changed = {}
    state = sa.inspect(row)
    for name in content_columns(type(row)):
        history = state.attrs[name].history
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
    """Return a value in the JSON form that is hashed and stored."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list):
        return [json_form(item) for item in value]
    if value is None or isinstance(value, bool | int | str | dict):
        return value
    if isinstance(value, UUID | date):
        return str(value)
    if isinstance(value, Decimal):
        return plain(value)
    raise TypeError(f"the audit trail cannot store a {type(value).__name__}")
