"""Keys by which texts are searched and ordered: without case and accents, numbers by value.

A model declares a text `searchable` or `sortable`; key columns stand beside it. The keys of single
characters come from Python's Unicode data, so that every database makes the same ones, whatever
its locale. The database applies them in a trigger (`qgp.kit.migrating.text_keys`), so that rows
written by an earlier release or by an operator have their keys as well.
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
LAST = 0x1FFFF  # beyond it stand rare ideographs, which have neither case nor accents
TEXT_KEY = "text_key"  # in the info of a text: whether lists are ordered by it, too
IS_INDEXED = "is_indexed"  # in the info of a sortable text: whether an index serves the order
DERIVED = "derived"  # in the info of a column that the database fills: the trail leaves it out

_BYTES = sa.Text(collation="C")
_NUMBER = re.compile("[0-9]+")
_KEPT = {0, 7, 8, 9}  # combining classes of vowels, nuktas, voicing marks and viramas
_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "þ": "th", "ı": "i", "ŋ": "n", "ĸ": "k"}


def search_key(text: str) -> str:
    """Return a text without case, accents and width variants: `Łódź` and `LODZ` are `lodz`."""
    return text.lower() if text.isascii() else text.translate(_KEYS)


def sort_key(text: str) -> str:
    """Return a text that sorts by bytes as people order the text itself: `S2` before `S10`."""
    padded = _NUMBER.sub(lambda run: run.group().zfill(NUMBER_WIDTH), search_key(text))
    return padded[:SORTED_LENGTH]


class _Keys(dict[int, str]):
    """The key of each character by code point, made when it is first looked up."""

    def __missing__(self, code: int) -> str:
        self[code] = key = _key(chr(code)) if code <= LAST else chr(code)
        return key


_KEYS: Mapping[int, str] = _Keys()


def _key(character: str) -> str:
    """Return the key of one character; a mark has none, a ligature may have several letters."""
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


def searchable(info: Mapping[str, Any] | None = None) -> Any:
    """A text by which lists are filtered without regard to case and accents.

    Args:
        info: what else is to be known of the column.
    """
    return mapped_column(info={TEXT_KEY: False, **(info or {})})


def sortable(
    *arguments: Any,
    is_indexed: bool = True,
    info: Mapping[str, Any] | None = None,
    sort_order: int = 0,
) -> Any:
    """A text by which lists are filtered and ordered without regard to case and accents.

    Args:
        arguments: further ones of the column.
        is_indexed: whether whole registers are ordered by it, and not only short lists below
            another record.
        info: what else is to be known of the column.
        sort_order: of the column in its table.
    """
    facts = {TEXT_KEY: True, IS_INDEXED: is_indexed, **(info or {})}
    return mapped_column(*arguments, info=facts, sort_order=sort_order)


def key_columns(column: sa.Column[Any]) -> Mapping[str, Any]:
    """Return the key columns that stand beside a text, by name."""
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
    """Return what is compared with a search key: the key beside a text, or one made for it."""
    is_column = isinstance(text, InstrumentedAttribute)
    if is_column and TEXT_KEY in text.property.columns[0].info:
        key: sa.ColumnElement[Any] = getattr(text.class_, f"{text.key}_search")
        return key
    return sa.func.search_key(text, type_=sa.Text)


def sorted_by(attribute: InstrumentedAttribute[Any]) -> Any:
    """Return what orders rows by an attribute: the key beside a text, or the attribute itself.

    A text without a key, such as the name of a command, is compared by its bytes.
    """
    column = attribute.property.columns[0]
    if column.info.get(TEXT_KEY):
        return getattr(attribute.class_, f"{attribute.key}_sort")
    if isinstance(column.type, sa.Text) and column.type.collation != _BYTES.collation:
        return sa.type_coerce(attribute.collate("C"), _BYTES)
    return attribute
