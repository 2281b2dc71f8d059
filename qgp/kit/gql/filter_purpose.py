"""Plain form of a filter: the JSON value that a cursor is bound to."""

from dataclasses import fields
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from strawberry import UNSET

from qgp.kit.decimals import plain


def plain_filter(filter: Any) -> Any:
    """Return a filter as a JSON value without absent fields."""
    if isinstance(filter, Enum):
        return filter.value
    if filter is None or isinstance(filter, str | int | bool):
        return filter
    if filter is UNSET:
        return None
    if isinstance(filter, list):
        return [plain_filter(one) for one in filter]
    if isinstance(filter, date | Decimal):  # a datetime is a date
        return plain(filter) if isinstance(filter, Decimal) else filter.isoformat()
    parts = {part.name: plain_filter(getattr(filter, part.name)) for part in fields(filter)}
    return {name: value for name, value in parts.items() if value is not None}
