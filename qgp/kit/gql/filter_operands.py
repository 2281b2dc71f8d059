"""Operands of filters, in the form of the columns that they are compared with."""

from collections.abc import Callable
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy.orm import InstrumentedAttribute

from qgp.kit import ids, subjects
from qgp.kit.errors import Invalid
from qgp.kit.gql.filters import MOST_VALUES
from qgp.kit.model import ANY_RECORD, KEY_OF, records
from qgp.kit.text_keys import search_key
from qgp.kit.text_normalization import LONGEST, composed

Column = Any  # an instrumented attribute of any type
Decode = Callable[..., UUID | str]
PATTERNS = {"contains": "%{}%", "starts_with": "{}%"}  # LIKE patterns by operator


def pattern_of(operator: str, text: str) -> str:
    """Return the LIKE pattern of a text, which is matched against search keys."""
    key = search_key(text).replace("/", "//").replace("%", "/%").replace("_", "/_")
    return PATTERNS[operator].format(key)


def null_error(path: tuple[str, ...]) -> Invalid:
    """Return the error of null in a field of a filter."""
    message = f"`{path[-1]}` is null. Omit it, or use `isNull` to match empty values."
    return Invalid(message, *path)


def operand_of(value: Any, decode: Decode, path: tuple[str, ...]) -> Any:
    """Return an operand in the form of its column: normalized texts, decoded ids, never null.

    Raises:
        Invalid: it is null, a list of more than 100, or an id of another kind.
    """
    if value is None:
        raise null_error(path)
    if isinstance(value, list):
        if len(value) > MOST_VALUES:
            message = f"List at most {MOST_VALUES} values; these are {len(value)}."
            raise Invalid(message, *path)
        return [operand_of(one, decode, path) for one in value]
    if not isinstance(value, str) or isinstance(value, Enum):
        return value
    return decode(value, *path)


def decoder_of(column: Column) -> Decode:
    """Return the decoder of a column's ids: of one kind, of any subject, or of any record."""
    info = column.property.columns[0].info
    if info.get(subjects.POINTS):
        return lambda text, *path: subjects.named(column.class_, text, *path).id
    if info.get(ANY_RECORD):
        return lambda text, *path: ids.split(text, *path)[1]
    prefix = records()[info["ref"]].prefix if "ref" in info else column.class_.prefix
    return partial(ids.decode, prefix)


def normalizer_of(column: Column) -> Decode:
    """Return the normalizer of a column's texts: NFC, or the key that the column holds."""
    if not isinstance(column, InstrumentedAttribute):
        return lambda text, *path: composed(text, LONGEST, *path)
    make = column.property.columns[0].info.get(KEY_OF, str)
    return lambda text, *path: make(composed(text, LONGEST, *path))
