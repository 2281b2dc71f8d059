"""Columns of an imported CSV file, derived from the input type of the create mutation."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import partial
from typing import Any, Protocol

from strawberry import UNSET
from strawberry.types.base import StrawberryList, StrawberryOptional

from qgp.kit.csv_dialect import CsvDialect
from qgp.kit.errors import Required
from qgp.kit.gql.csv_values import Parse, parser
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.inputs import InputField
from qgp.kit.loader import One, Reads
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.policy import Permission

NEVER_IN_FILES = frozenset({"idempotency_key"})


class KeyLoader(Protocol):
    """Loader of records by a text that people write, such as `one(Site, READ, by=Site.code)`."""

    @property
    def model(self) -> type[Record]:
        """The records' class."""

    @property
    def read(self) -> Permission:
        """The permission that the caller must hold."""

    @property
    def example(self) -> str:
        """Example of a key, for messages."""

    async def fetch(self, reads: Reads, keys: list[Any]) -> Sequence[Any]:
        """Return the records in the order of the keys; None where none is visible."""


class CitedLoader(KeyLoader, Protocol):
    """Loader of records by several fields, which people write with blanks between them."""

    @property
    def cited(self) -> Sequence[str]:
        """The fields that make up the key, in an export."""


NameLoader = One[Any] | CitedLoader


@dataclass(frozen=True, eq=False)
class Named:
    """Key by which a file names the record whose id an input field takes.

    Attributes:
        loader: finds records by the key.
        export_columns: the columns of an export that make up the key, joined by blanks.
        hint: how to write the key, as a sentence with an example.
        key: turns the text of a cell into the loader's key.
    """

    loader: KeyLoader
    export_columns: tuple[str, ...]
    hint: str
    key: Callable[[str], str] = str


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a file, and the input field that its cells set.

    Attributes:
        field: the input field, in snake case.
        name: in the header; `named.export_columns` may replace it.
        parse: returns the field's value for the text of a cell that is not blank and names no
            record.
        default: returns the value for a blank cell; None where the cell must be filled.
        named: the key of the record that a cell names; None for a plain value.
        is_list: whether a cell names several records, separated by semicolons.
    """

    field: str
    name: str
    parse: Parse
    default: Callable[[], Any] | None
    named: Named | None = None
    is_list: bool = False

    @property
    def exported(self) -> Sequence[str]:
        """The columns of an export that hold its values."""
        return [self.name] if self.named is None else self.named.export_columns

    @property
    def spellings(self) -> Iterator[Sequence[str]]:
        """The names that the header of a file may have for it; several name one record together."""
        yield [self.name]
        if self.named is not None and self.named.export_columns:
            yield self.named.export_columns

    def value(self, text: str, dialect: CsvDialect) -> Any:
        """Return the value that a cell sets; keys of records where it names those.

        Raises:
            Invalid: it fits no value, or is blank and must not be.
        """
        trimmed = text.strip()
        if not trimmed:
            if self.default is None:
                raise Required("This cell must not be empty. Fill it in.")
            return self.default()
        if self.named is None:
            return self.parse(text, dialect)
        if self.is_list:
            return [self.named.key(key.strip()) for key in trimmed.split(";") if key.strip()]
        return self.named.key(trimmed)


def columns(
    input_type: type,
    names: Mapping[str, NameLoader],
    relations: Mapping[str, str],
    excluded: frozenset[str],
) -> Sequence[Column]:
    """Return a column for each field of an input type that a file can set.

    Args:
        input_type: the input type.
        names: by field that takes ids, the loader of records by the key that a file has.
        relations: see `CsvImport`.
        excluded: the fields that no file sets.

    Raises:
        ValueError: a field takes an id, and `names` has no loader for it.
    """
    return [*_columns(input_type, names, relations, excluded)]


def _columns(
    input_type: Any,
    names: Mapping[str, NameLoader],
    relations: Mapping[str, str],
    excluded: frozenset[str],
) -> Iterator[Column]:
    for part in fields(input_type):
        if part.name in excluded:
            continue
        kind, rule = part.type, part.metadata[DECLARED]
        is_list = isinstance(kind, StrawberryList)
        if isinstance(kind, StrawberryOptional | StrawberryList):
            kind = kind.of_type
        loader = names.get(part.name)
        if (loader is None) != (rule.id_of is None):
            raise ValueError(
                f"{input_type.__name__}.{part.name}: declare the record's key in `names`"
            )
        name = to_camel(part.name)
        shown = name if loader is None else re.sub(r"Id(s?)$", r"\1", name)
        relation = None if is_list else relations.get(part.name, shown)
        named = None if loader is None else _named(loader, relation)
        yield Column(
            part.name,
            shown,
            partial(read_value, parser(kind), rule, name),
            _default(part),
            named,
            is_list,
        )


def _named(loader: NameLoader, relation: str | None) -> Named:
    """Return the key of a record: the reference, code or e-mail address that the loader looks up.

    References and e-mail addresses are read without regard to case.

    Args:
        loader: finds the record by the key.
        relation: in an export, such as `owner` in `owner.email`; None where an export does not
            name the record.
    """
    parts = (loader.by.key,) if isinstance(loader, One) else loader.cited
    exported = () if relation is None else tuple(f"{relation}.{part}" for part in parts)
    if not isinstance(loader, One):
        return Named(loader, exported, f"Write it as `{loader.example}`.")
    key = loader.by.key
    spelling = {"reference": str.upper, "email": loader.key}.get(key, str)
    term = {"email": "the e-mail address"}.get(key, f"its {key}")
    return Named(loader, exported, f"Write {term}, such as {loader.example}.", spelling)


def excluded_defaults(input_type: Any, excluded: frozenset[str]) -> Mapping[str, Any]:
    """Return the default values of the excluded fields, for the service."""
    makers = {
        part.name: _default(part)
        for part in fields(input_type)
        if part.name in excluded - NEVER_IN_FILES
    }
    return {name: make() for name, make in makers.items() if make is not None}


def _default(part: Any) -> Callable[[], Any] | None:
    if part.default_factory is not MISSING:
        factory: Callable[[], Any] = part.default_factory
        return factory
    if part.default is MISSING:
        return None
    value = None if part.default is UNSET else part.default
    return lambda: value


def read_value(parse: Parse, rule: InputField, name: str, text: str, dialect: CsvDialect) -> Any:
    """Return the value of a cell, checked by the rule of its input field."""
    return rule.read(parse(text, dialect), name)
