"""Keyset pagination: cursors, page bounds and ordering.

A cursor holds the order keys and the id of its row, authenticated together with the list, filter
and order that it was made for. Nulls are placed as by PostgreSQL: last ascending, first descending.
"""

import base64
import binascii
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cached_property
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from qgp.kit.errors import CursorMismatch, Invalid
from qgp.kit.paging import PageBounds
from qgp.kit.text_keys import sorted_by

_MAC_BYTES = 12
_FOR_URLS = bytes.maketrans(b"+/", b"-_")  # RFC 4648, 5


@dataclass(frozen=True)
class Key:
    """Key of an order.

    Attributes:
        expression: SQL expression over a row of the listed table.
        nullable: whether it may be null.
    """

    expression: sa.ColumnElement[Any]
    descending: bool = False
    nullable: bool = False

    def clause(self, *, reverse: bool) -> sa.ColumnElement[Any]:
        """Return the ORDER BY element."""
        return directed(self.expression, descends=self.descending != reverse)

    def beyond(self, value: Any, *, reverse: bool) -> sa.ColumnElement[bool]:
        """Return the condition that a row comes after `value`."""
        if self.descending != reverse:
            return self.expression.is_not(None) if value is None else self.expression < value
        if value is None:
            return sa.false()
        after = self.expression > value
        return sa.or_(after, self.expression.is_(None)) if self.nullable else after

    def same(self, value: Any) -> sa.ColumnElement[bool]:
        """Return the condition that a row ties with `value`."""
        return self.expression.is_(None) if value is None else self.expression == value


def key_of(attribute: InstrumentedAttribute[Any], *, descending: bool = False) -> Key:
    """Return the key of an attribute: enums by rank, texts by their sort key."""
    column = attribute.property.columns[0]
    expression: Any = sorted_by(attribute)
    if isinstance(column.type, sa.Enum):
        expression = rank(attribute)
    return Key(expression, descending, bool(column.nullable))


def rank(attribute: InstrumentedAttribute[Any]) -> sa.ColumnElement[Any]:
    """Return the rank of an enum value, from 0, in the order of declaration."""
    values = attribute.property.columns[0].type.enums
    places = [(attribute == _text(value), _number(place)) for place, value in enumerate(values)]
    return sa.case(*places)


def directed(expression: Any, *, descends: bool) -> sa.ColumnElement[Any]:
    """Return the ORDER BY element of an expression."""
    ordered: sa.ColumnElement[Any] = expression.desc() if descends else expression.asc()
    return ordered


# Literals, not parameters: an index on the same expression serves them.
def _text(value: str) -> sa.ColumnElement[Any]:
    return sa.literal_column(f"'{value}'")


def _number(value: int) -> sa.ColumnElement[Any]:
    return sa.literal_column(str(value), sa.Integer)


def paginated(
    statement: sa.Select[Any],
    keys: Sequence[Key],
    *,
    backward: bool,
    start: Sequence[Any] | None,
    limit: Any,
) -> sa.Select[Any]:
    """Order a statement, start it after a row, limit it, and select the order keys as well.

    Args:
        start: the order keys of the row to start after, values or parameters; None for the start
            of the list.
    """
    if start is not None:
        statement = statement.where(_after(keys, start, reverse=backward))
    statement = statement.add_columns(
        *[key.expression.label(name) for key, name in zip(keys, key_names(keys), strict=True)]
    )
    return statement.order_by(*[key.clause(reverse=backward) for key in keys]).limit(limit)


def key_names(keys: Sequence[Key]) -> Sequence[str]:
    """Return the column names of a paginated statement's order keys."""
    return [f"order_{place}" for place in range(len(keys))]


def reordered(
    columns: Any, keys: Sequence[Key], *, reverse: bool
) -> Sequence[sa.ColumnElement[Any]]:
    """Return the ORDER BY elements that keep the order of a paginated statement around it.

    Args:
        columns: of the paginated statement.
        reverse: whether the last row comes first.
    """
    named = zip(keys, key_names(keys), strict=True)
    return [directed(columns[name], descends=key.descending != reverse) for key, name in named]


@dataclass(frozen=True)
class Order:
    """Order of a list, ended by the id, with the signing key and the purpose of its cursors."""

    keys: Sequence[Key]
    signing_key: bytes
    purpose: str

    @classmethod
    def of(cls, keys: Sequence[Key], signing_key: bytes, **purpose: Any) -> "Order":
        """Return an order whose cursors hold for this list, filter and caller's organization."""
        return cls(keys, signing_key, json.dumps(purpose, sort_keys=True, default=_plain))

    def apply(self, statement: sa.Select[Any], bounds: PageBounds) -> sa.Select[Any]:
        """Order, start and limit a statement, with one extra row to detect a further page."""
        start, limit = self.cursor_keys(bounds), bounds.size + 1
        return paginated(statement, self.keys, backward=bounds.backward, start=start, limit=limit)

    def around(self, columns: Any, bounds: PageBounds) -> Sequence[sa.ColumnElement[bool]]:
        """Return the ORDER BY elements of a statement around one that `apply` returned.

        Args:
            columns: of the inner statement.
            bounds: its page.
        """
        return reordered(columns, self.keys, reverse=bounds.backward)

    def cursor(self, values: Sequence[Any]) -> str:
        """Return the signed cursor of the row with these order keys."""
        return self.cursors([values])[0].decode()

    def cursors(self, rows: Iterable[Sequence[Any]]) -> list[bytes]:
        """Return the signed cursors of rows with these order keys, one after the other."""
        keyed, dumps, encode = self._keyed, orjson.dumps, binascii.b2a_base64
        cursors = []
        for values in rows:
            body = dumps(values, default=str)
            mac = keyed.copy()
            mac.update(body)
            text = encode(mac.digest() + body, newline=False)
            cursors.append(text.translate(_FOR_URLS, b"="))
        return cursors

    def cursor_keys(self, bounds: PageBounds) -> list[Any] | None:
        """Return the order keys in the page's cursor, or None where it has none.

        Raises:
            Invalid: the text is no cursor.
            CursorMismatch: the cursor was made for another list, filter or order.
        """
        if bounds.cursor is None:
            return None
        name, text = ("before" if bounds.backward else "after"), bounds.cursor
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            values = json.loads(raw[_MAC_BYTES:])
        except (binascii.Error, ValueError, RecursionError):
            raise Invalid("This is not a cursor. Send one that a page returned.", name) from None
        if not hmac.compare_digest(raw[:_MAC_BYTES], self._mac(raw[_MAC_BYTES:])):
            message = (
                "This cursor belongs to another list, filter or order. Start from the first page."
            )
            raise CursorMismatch(message, name)
        return [_typed(key, value) for key, value in zip(self.keys, values, strict=True)]

    def _mac(self, body: bytes) -> bytes:
        mac = self._keyed.copy()
        mac.update(body)
        return mac.digest()

    @cached_property
    def _keyed(self) -> "hashlib.blake2b":
        """Keyed hash for this list, filter and order; made once, not for each row."""
        key = hmac.digest(self.signing_key, self.purpose.encode(), hashlib.sha256)
        return hashlib.blake2b(key=key, digest_size=_MAC_BYTES)


def _after(keys: Sequence[Key], values: Sequence[Any], *, reverse: bool) -> sa.ColumnElement[bool]:
    alternatives = []
    for place, key in enumerate(keys):
        ties = [k.same(v) for k, v in zip(keys[:place], values, strict=False)]
        alternatives.append(sa.and_(*ties, key.beyond(values[place], reverse=reverse)))
    return sa.or_(*alternatives)


@dataclass(frozen=True)
class Page:
    """Rows of a page, in list order.

    Attributes:
        keys: the order keys of each row.
    """

    rows: Sequence[Any]
    keys: Sequence[Sequence[Any]]
    has_next: bool
    has_previous: bool


def page_of(selected: Sequence[Sequence[Any]], bounds: PageBounds) -> Page:
    """Return the page of a paginated statement's rows, one of which may belong to the next page.

    Args:
        selected: tuples of a row and its order keys.
        bounds: the requested page.
    """
    more, kept = len(selected) > bounds.size, list(selected[: bounds.size])
    goes_on = bounds.cursor is not None
    has_next, has_previous = (goes_on, more) if bounds.backward else (more, goes_on)
    if bounds.backward:
        kept.reverse()
    return Page([row for row, *_ in kept], [keys for _, *keys in kept], has_next, has_previous)


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    return value.hex if isinstance(value, UUID) else value


def _typed(key: Key, value: Any) -> Any:
    kind = key.expression.type.python_type
    if value is None or isinstance(value, kind):
        return value
    parse: Any = {datetime: datetime.fromisoformat, date: date.fromisoformat}.get(kind, kind)
    return parse(value)
