"""Values of CSV cells, by the kind of the input field that a cell sets."""

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, cast

from strawberry.types.enum import StrawberryEnumDefinition

from qgp.kit.csv_dialect import CsvDateFormat, CsvDecimalMark, CsvDialect
from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import (
    InvalidFormat,
    OutOfRange,
    between,
    enumerated,
    written_as,
)
from qgp.kit.gql.scalars import URL, parse_day, parse_decimal, parse_instant, parse_url

Parse = Callable[[str, CsvDialect], Any]  # of the text of a cell that is not blank
_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_LARGEST = 2**31 - 1
_TRUE = frozenset({"true", "yes", "y", "1", "wahr", "ja", "j"})
_FALSE = frozenset({"false", "no", "n", "0", "falsch", "nein"})
_EXAMPLES = {
    CsvDateFormat.YMD: "2026-03-01; other forms need a declared `dateFormat`",
    CsvDateFormat.DMY: "01.03.2026 or 2026-03-01",
    CsvDateFormat.MDY: "3/1/2026 or 2026-03-01",
}


def parser(kind: Any) -> Parse:
    """Return the parser for cells of a kind of input value; texts are taken as they are."""
    if isinstance(kind, StrawberryEnumDefinition):
        return partial(_member, cast(type[DescribedEnum], kind.wrapped_cls))
    return _PARSERS.get(kind, _text)


def _text(text: str, _: CsvDialect) -> str:
    return text


def _member(kind: type[DescribedEnum], text: str, _: CsvDialect) -> DescribedEnum:
    name = text.strip()
    try:
        return kind(name.upper() if name.isascii() else name)  # beyond ASCII, ı becomes I and ſ S
    except ValueError:
        message = f"Expected one of {', '.join(kind)}."
        raise InvalidFormat(message, constraint=enumerated(kind)) from None


def _integer(text: str, dialect: CsvDialect) -> int:
    digits = dialect.plain_number(text.strip())
    if digits is None or not _WHOLE.fullmatch(digits):
        message = "Expected a whole number, for example 3."
        raise InvalidFormat(message, constraint=written_as(pattern=_WHOLE.pattern))
    if abs(number := int(digits)) > _LARGEST:
        message = f"Expected a whole number from {-_LARGEST} to {_LARGEST}."
        raise OutOfRange(message, constraint=between(-_LARGEST, _LARGEST))
    return number


def _boolean(text: str, _: CsvDialect) -> bool:
    word = text.strip().lower()
    if word not in _TRUE | _FALSE:
        raise InvalidFormat(
            "Expected true or false; yes and no, 1 and 0, ja and nein, wahr and falsch are read "
            "too.",
            constraint=enumerated(("true", "false")),
        )
    return word in _TRUE


def _date(text: str, dialect: CsvDialect) -> date:
    iso = dialect.iso_date(text.strip())
    try:
        return parse_day(iso)
    except InvalidFormat:
        message = f"Expected a calendar day, such as {_EXAMPLES[dialect.date_format]}."
        raise InvalidFormat(message, constraint=written_as("date")) from None


def _decimal(text: str, dialect: CsvDialect) -> Decimal:
    number = dialect.plain_number(text.strip())
    if number is None:
        example = "1.234,5" if dialect.decimal is CsvDecimalMark.COMMA else "1,234.5"
        message = f"Expected a number in the declared form, such as {example}."
        raise InvalidFormat(message, constraint=written_as("decimal"))
    return parse_decimal(number)


def _scalar(parse: Callable[[object], Any], text: str, _: CsvDialect) -> Any:
    return parse(text.strip())


_PARSERS: dict[Any, Parse] = {
    int: _integer,
    bool: _boolean,
    date: _date,
    datetime: partial(_scalar, parse_instant),
    Decimal: _decimal,
    URL: partial(_scalar, parse_url),
}
