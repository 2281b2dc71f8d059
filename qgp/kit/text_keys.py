"""Search and sort keys of texts: without case and accents, numbers by value.

A model declares a text `searchable` or `sortable`, which adds key columns. The keys of single
characters come from Python's Unicode data, so that every database makes the same ones in any
locale. The database applies them in a trigger (`qgp.kit.migration_operations.add_text_keys`), so
that rows written by an earlier release or by an operator have their keys as well.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, mapped_column

NUMBER_WIDTH = 20  # digits; a longer number is compared as a text
SORTED_LENGTH = 300  # characters; an entry of an index has at most 2,700 bytes
LAST = 0x1FFFF  # rare ideographs beyond it have neither case nor accents
TEXT_KEY = "text_key"  # in the info of a text: whether lists are ordered by it
IS_INDEXED = "is_indexed"  # in the info of a sortable text: whether an index serves the order
REDACTABLE = "redactable"  # in the info of a text: whether the audit trail holds its digest alone
DERIVED = "derived"  # in the info of a column that the database fills and the audit trail omits

_BYTES = sa.Text(collation="C")
_NUMBER = re.compile("[0-9]+")
_KEPT = {0, 7, 8, 9}  # combining classes of vowels, nuktas, voicing marks and viramas
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n", "ĸ": "k"}


def search_key(text: str) -> str:
    """Return a text without case, accents and width variants: `Łódź` and `LODZ` are `lodz`."""
    return text.lower() if text.isascii() else text.translate(_KEYS)


def sort_key(text: str) -> str:
    """Return a text whose byte order is the natural order of the text: `S2` before `S10`."""
    padded = _NUMBER.sub(lambda run: run.group().zfill(NUMBER_WIDTH), search_key(text))
    return padded[:SORTED_LENGTH]


class _Keys(dict[int, str]):
    """Cache of the key of each character, by code point."""

    def __missing__(self, code: int) -> str:
        self[code] = key = _key(chr(code)) if code <= LAST else chr(code)
        return key


_KEYS: Mapping[int, str] = _Keys()


def _key(character: str) -> str:
    """Return the key of one character: empty for a mark, several letters for a ligature."""
    key = character
    while (simpler := _simpler(key)) != key:
        key = simpler
    return key


def _simpler(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.casefold())
    bare = [_letter(one) for one in apart if unicodedata.combining(one) in _KEPT]
    return unicodedata.normalize("NFC", "".join(bare))


@cache
def _letter(character: str) -> str:
    """Return a letter without its stroke or hook, and a digit of any script as ASCII."""
    if unicodedata.category(character) == "Nd":
        return str(unicodedata.decimal(character))
    if character in _LETTERS:
        return _LETTERS[character]
    name, is_varied, _ = unicodedata.name(character, "").partition(" WITH ")
    if not is_varied or not name.startswith("LATIN SMALL LETTER "):
        return character
    try:
        return unicodedata.lookup(name)
    except KeyError:  # a lambda with a stroke has no Latin lambda
        return character


def searchable(*, is_redactable: bool = False) -> Any:
    """Declare a text column with a search key, which ignores case and accents.

    Args:
        is_redactable: whether commands redact former texts of the column in the audit trail
            (`Work.redact`).
    """
    return mapped_column(info={TEXT_KEY: False, REDACTABLE: is_redactable})


def sortable(
    *arguments: Any,
    is_indexed: bool = True,
    info: Mapping[str, Any] | None = None,
    sort_order: int = 0,
) -> Any:
    """Declare a text column with search and sort keys, which ignore case and accents.

    Args:
        arguments: further arguments of the column.
        is_indexed: whether an index serves the order; not needed for short lists below a record.
        info: further info of the column.
        sort_order: of the column in its table.
    """
    column_info = {TEXT_KEY: True, IS_INDEXED: is_indexed, **(info or {})}
    return mapped_column(*arguments, info=column_info, sort_order=sort_order)


def key_columns(column: sa.Column[Any]) -> Mapping[str, Any]:
    """Return the key columns of a text column, by name."""
    if TEXT_KEY not in column.info:
        return {}
    names = {f"{column.name}_search": sa.Text()}
    if column.info[TEXT_KEY]:
        names[f"{column.name}_sort"] = _BYTES
    return {
        name: mapped_column(kind, nullable=True, deferred=True, info={DERIVED: True})
        for name, kind in names.items()
    }


def searched_by(text: InstrumentedAttribute[Any] | sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """Return the search key of an attribute: its key column, or an expression."""
    is_column = isinstance(text, InstrumentedAttribute)
    if is_column and TEXT_KEY in text.property.columns[0].info:
        key: sa.ColumnElement[Any] = getattr(text.class_, f"{text.key}_search")
        return key
    return sa.func.search_key(text, type_=sa.Text)


def sorted_by(attribute: InstrumentedAttribute[Any]) -> Any:
    """Return the sort key of an attribute: its key column, or the attribute itself.

    A text without a key column, such as the name of a mutation, is ordered by its bytes.
    """
    column = attribute.property.columns[0]
    if column.info.get(TEXT_KEY):
        return getattr(attribute.class_, f"{attribute.key}_sort")
    if isinstance(column.type, sa.Text) and column.type.collation != _BYTES.collation:
        return sa.type_coerce(attribute.collate("C"), _BYTES)
    return attribute
