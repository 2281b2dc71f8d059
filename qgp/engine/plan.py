"""A plan: an immutable tree that says what to read, and what JSON to make of it.

It is made once for a document, its Boolean variables and the rights of the caller. Arguments stay
open: a node that takes some names its place among the plan's arguments.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qgp.engine.arguments import ArgumentBinder, BoundArguments, LookupArguments
from qgp.engine.scalars import ScalarFormat
from qgp.kit.gql.connection_fields import Listing
from qgp.kit.loader import Linked, Make, Many, One
from qgp.kit.policy import Permission


class Unplannable(Exception):
    """Only Python knows the answer; the reason stands in metrics and explanations."""


@dataclass(frozen=True)
class Constant:
    """JSON that is known before any row is read."""

    json: str


@dataclass(frozen=True)
class ScalarField:
    """The row's attribute, written in the form of its scalar."""

    attribute: str
    form: ScalarFormat


@dataclass(frozen=True)
class SqlExpression:
    """What SQL makes of the row, written in the form of its scalar."""

    make: Make
    form: ScalarFormat


@dataclass(frozen=True)
class PublicIdText:
    """The row's public id."""

    prefix: str


@dataclass(frozen=True)
class JsonByStatus:
    """JSON that depends on nothing but the row's status."""

    jsons: Mapping[str, str]
    otherwise: str


@dataclass(frozen=True)
class Cursor:
    """The row's cursor in its page."""


@dataclass(frozen=True)
class Object:
    """A JSON object made of one row: response names in order, each with its node."""

    fields: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True)
class NestedObject:
    """An object made of the same row, or null where the attribute `key` is."""

    key: str
    object: Object


@dataclass(frozen=True)
class ToOne:
    """The row that `key` points at, or null."""

    loader: One[Any]
    key: str
    object: Object

    @property
    def read(self) -> Permission:
        """What the caller must be allowed."""
        return self.loader.read


@dataclass(frozen=True)
class ToMany:
    """A plain list of the rows found for `key`."""

    loader: Many[Any] | Linked[Any]
    key: str
    object: Object

    @property
    def read(self) -> Permission:
        """What the caller must be allowed."""
        return self.loader.read


@dataclass(frozen=True)
class Items:
    """The list of a page's rows, each written as the object."""

    object: Object


@dataclass(frozen=True)
class PageInfoField:
    """Where the page stands: an attribute of `PageInfo`."""

    name: str


@dataclass(frozen=True)
class TotalCount:
    """How many rows the filter leaves on all pages."""


@dataclass(frozen=True)
class PageInfo:
    """The object `pageInfo`."""

    fields: tuple[tuple[str, PageInfoField | Constant], ...]


@dataclass(frozen=True)
class Page:
    """A connection: a window of a register, whole or below a row."""

    listing: Listing
    arguments: int
    fields: tuple[tuple[str, Items | PageInfo | TotalCount | Constant], ...]
    key: str = "id"

    @property
    def read(self) -> Permission:
        """What the caller must be allowed."""
        return self.listing.read


@dataclass(frozen=True)
class RecordLookup:
    """The record that an argument names, or null.

    Attributes:
        objects: what to write for each loader that the argument can lead to; None says null.
        opaque: the loaders whose records the reference has to show, each with the reason.
    """

    arguments: int
    objects: Mapping[One[Any] | None, Object | None]
    opaque: Mapping[One[Any], str] = field(default_factory=dict)


Node = (
    Constant
    | ScalarField
    | SqlExpression
    | PublicIdText
    | JsonByStatus
    | Cursor
    | Object
    | NestedObject
    | ToOne
    | ToMany
    | Page
)
Related = ToOne | ToMany | Page


def attributes(objects: Iterable[Object]) -> frozenset[str] | None:
    """Return the attributes of a row that objects are made of; None where SQL may use any."""
    names: set[str] = set()
    for node in (node for each in objects for _, node in each.fields):
        match node:
            case SqlExpression():
                return None
            case ScalarField(attribute):
                names.add(attribute)
            case JsonByStatus():
                names.add("status")
            case ToOne() | ToMany() | Page():
                names.add(node.key)
            case Object() | NestedObject():
                inner = attributes([node if isinstance(node, Object) else node.object])
                if inner is None:
                    return None
                names |= inner if isinstance(node, Object) else {node.key, *inner}
    return frozenset(names)


Root = Constant | Page | RecordLookup


@dataclass(frozen=True, eq=False)
class Plan:
    """What is read: root fields by response name, or what lies beneath objects at hand.

    Attributes:
        arguments: what the fields take, by place.
        beneath: a relation of objects that the reference holds.
    """

    roots: tuple[tuple[str, Root], ...]
    arguments: tuple[ArgumentBinder, ...]
    beneath: Related | None = None

    def opaque_for(self, bound: Sequence[BoundArguments]) -> str | None:
        """Return why the reference has to show a record that these arguments name, if it has to."""
        look_ups = [root for _, root in self.roots if isinstance(root, RecordLookup)]
        reasons = (root.opaque.get(_loader(bound[root.arguments])) for root in look_ups)
        return next((reason for reason in reasons if reason is not None), None)


def _loader(arguments: BoundArguments) -> Any:
    assert isinstance(arguments, LookupArguments)
    return arguments.shape
