"""What the cells of one row set, told from the input type of the mutation that makes a record."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from typing import Any, Protocol, cast

from strawberry import UNSET
from strawberry.types.base import StrawberryList, StrawberryOptional
from strawberry.types.enum import StrawberryEnumDefinition

from qgp.kit.described_enum import DescribedEnum
from qgp.kit.errors import InvalidFormat, OutOfRange, Required, between, enumerated, matching
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.inputs import InputField
from qgp.kit.gql.scalars import URL, parse_day, parse_decimal, parse_instant, parse_url
from qgp.kit.loader import One, Reads
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.policy import Permission

UNTOLD = frozenset({"idempotency_key"})
_WHOLE = re.compile(r"[+-]?[0-9]{1,10}")
_LARGEST = 2**31 - 1


class Finds(Protocol):
    """What finds records by a text that people write, as `one(Site, READ, by=Site.code)` does."""

    @property
    def model(self) -> type[Record]:
        """The records."""

    @property
    def read(self) -> Permission:
        """What the caller must be allowed."""

    async def fetch(self, reads: Reads, keys: list[Any]) -> Sequence[Any]:
        """Return the records in the order of the keys, None where there is none to be seen."""


@dataclass(frozen=True, eq=False)
class Named:
    """How a file names the record whose id an input field takes.

    Attributes:
        shown: columns of an export that name it; several stand for one cell, blanks between.
        told: how to write it, as a sentence with an example.
        key: makes the loader's key of what the cell says.
    """

    loader: Finds
    shown: tuple[str, ...]
    told: str
    key: Callable[[str], str] = str


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a file, and the input field that its cells set.

    Attributes:
        name: in the header; `named.shown` may stand there in its place.
        parse: makes the field's value of a cell that is not blank; not for records.
        default: makes the value of a blank one; None where it must not be.
        is_list: whether a cell names several records, with semicolons between.
    """

    field: str
    name: str
    parse: Callable[[str], Any]
    default: Callable[[], Any] | None
    named: Named | None = None
    is_list: bool = False

    def value(self, text: str) -> Any:
        """Return the value that a cell sets; keys of records where it names those.

        Raises:
            Invalid: it fits no value, or is blank and must not be.
        """
        said = text.strip()
        if not said:
            if self.default is None:
                raise Required("This cell must not be empty. Fill it in.")
            return self.default()
        if self.named is None:
            return self.parse(text)
        if self.is_list:
            return [self.named.key(one.strip()) for one in said.split(";") if one.strip()]
        return self.named.key(said)


def columns(
    input_type: type, names: Mapping[str, Named], untold: frozenset[str] = UNTOLD
) -> Sequence[Column]:
    """Return a column for each field of an input type that a file can tell.

    Args:
        input_type: the input type.
        names: by field, how a file names the records of which it takes the ids.
        untold: the fields that no file holds.

    Raises:
        ValueError: a field takes an id and nothing says how a file names it.
    """
    return [*_columns(input_type, names, untold)]


def _columns(
    input_type: Any, names: Mapping[str, Named], untold: frozenset[str]
) -> Iterator[Column]:
    for part in fields(input_type):
        if part.name in untold:
            continue
        kind, rule = part.type, part.metadata[DECLARED]
        is_list = isinstance(kind, StrawberryList)
        if isinstance(kind, StrawberryOptional | StrawberryList):
            kind = kind.of_type
        named = names.get(part.name)
        if (named is None) != (rule.id_of is None):
            raise ValueError(f"{input_type.__name__}.{part.name}: say how a file names the record")
        name = to_camel(part.name)
        yield Column(
            part.name,
            name if named is None else re.sub(r"Id(s?)$", r"\1", name),
            partial(_read, _parser(kind), rule, name),
            _default(part),
            named,
            is_list,
        )


def named_by(loader: One[Any], name: str, example: str = "eva@example.com") -> Named:
    """A record that a file names by what the loader looks up: reference, code or e-mail address.

    References and addresses may be written in any case.
    """
    key = loader.by.key
    spelling = {"reference": str.upper, "email": loader.key}.get(key, str)
    term = {"email": "the e-mail address"}.get(key, f"its {key}")
    return Named(loader, (f"{name}.{key}",), f"Write {term}, such as {example}.", spelling)


def left_out(input_type: Any, untold: frozenset[str]) -> Mapping[str, Any]:
    """Return what the fields that no file holds are, for the service."""
    makers = {
        part.name: _default(part) for part in fields(input_type) if part.name in untold - UNTOLD
    }
    return {name: make() for name, make in makers.items() if make is not None}


def _default(part: Any) -> Callable[[], Any] | None:
    if part.default_factory is not MISSING:
        made: Callable[[], Any] = part.default_factory
        return made
    if part.default is MISSING:
        return None
    value = None if part.default is UNSET else part.default
    return lambda: value


def _read(parse: Callable[[str], Any], rule: InputField, name: str, text: str) -> Any:
    return rule.read(parse(text), name)


def _parser(kind: Any) -> Callable[[str], Any]:
    if isinstance(kind, StrawberryEnumDefinition):
        return partial(_member, cast(type[DescribedEnum], kind.wrapped_cls))
    return _PARSERS.get(kind, str)


def _member(kind: type[DescribedEnum], text: str) -> DescribedEnum:
    said = text.strip()
    try:
        return kind(said.upper() if said.isascii() else said)  # elsewhere, ı becomes I and ſ S
    except ValueError:
        message = f"Expected one of {', '.join(kind)}."
        raise InvalidFormat(message, constraint=enumerated(kind)) from None


def _integer(text: str) -> int:
    said = text.strip()
    if not _WHOLE.fullmatch(said):
        message = "Expected a whole number, for example 3."
        raise InvalidFormat(message, constraint=matching(_WHOLE.pattern))
    if abs(number := int(said)) > _LARGEST:
        message = f"Expected a whole number from {-_LARGEST} to {_LARGEST}."
        raise OutOfRange(message, constraint=between(-_LARGEST, _LARGEST))
    return number


def _flag(text: str) -> bool:
    said = text.strip().lower()
    if said not in {"true", "false"}:
        raise InvalidFormat("Expected true or false.", constraint=enumerated(("true", "false")))
    return said == "true"


def _scalar(parse: Callable[[object], Any], text: str) -> Any:
    return parse(text.strip())


_PARSERS: dict[Any, Callable[[str], Any]] = {
    int: _integer,
    bool: _flag,
    date: partial(_scalar, parse_day),
    datetime: partial(_scalar, parse_instant),
    Decimal: partial(_scalar, parse_decimal),
    URL: partial(_scalar, parse_url),
}
