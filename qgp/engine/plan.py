"""Plans: immutable trees of what to read and which JSON to write of it.

A plan is made once for a document, its Boolean variables and the permissions of the caller. Its
relations compare by content: those of two documents that read and write the same are equal.
Arguments are not part of it: a node with arguments holds their index among the plan's arguments.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from qgp.engine.arguments import ArgumentBinder, BoundArguments, LookupArguments
from qgp.engine.scalars import ScalarFormat
from qgp.kit.access import Access
from qgp.kit.counts import Counted
from qgp.kit.gql.connection_fields import Listing
from qgp.kit.loader import Granted, Linked, Make, Many, One
from qgp.kit.policy import Permission


class Unplannable(Exception):
    """SQL cannot answer a field; the reason, in few words, is for metrics and explanations."""


@dataclass(frozen=True)
class Constant:
    """JSON that needs no row."""

    json: str


@dataclass(frozen=True)
class ScalarField:
    """A column of the row, written in the format of its GraphQL type."""

    attribute: str
    format: ScalarFormat


@dataclass(frozen=True)
class CallerExpression:
    """A function that makes an SQL expression over a row, for the callers of an access."""

    loader: Granted | Counted
    access: Access

    def __call__(self, row: Any) -> Any:
        """Return the expression for a mapped class, or an alias of it."""
        return self.loader.expressed(row, self.access.caller)


@dataclass(frozen=True)
class SqlExpression:
    """An SQL expression over the row, written in the format of its GraphQL type."""

    make: Make
    format: ScalarFormat


@dataclass(frozen=True)
class PublicIdText:
    """The public id of the row."""

    prefix: str


@dataclass(frozen=True)
class JsonByStatus:
    """JSON that depends only on the status of the row."""

    json_by_status: tuple[tuple[str, str], ...]
    default: str


@dataclass(frozen=True)
class Cursor:
    """The cursor of the row in its page."""


@dataclass(frozen=True)
class Object:
    """A JSON object of one row: response names in order, each with its node."""

    fields: tuple[tuple[str, "Node"], ...]


@dataclass(frozen=True)
class NestedObject:
    """An object of the same row, or null where the attribute `key` is null."""

    key: str
    object: Object


@dataclass(frozen=True)
class ToOne:
    """The row that `key` refers to, or null.

    Attributes:
        limit: the condition on the row above, in SQL, under which the row is shown; None for none.
    """

    loader: One[Any]
    key: str
    object: Object
    limit: Callable[[Any], Any] | None = None

    @property
    def read(self) -> Permission:
        """Permission that the caller needs."""
        return self.loader.read


@dataclass(frozen=True)
class ToMany:
    """A list, without pages, of the rows that belong to `key`."""

    loader: Many[Any] | Linked[Any]
    key: str
    object: Object

    @property
    def read(self) -> Permission:
        """Permission that the caller needs."""
        return self.loader.read


@dataclass(frozen=True)
class Items:
    """The list of a page's rows, `nodes` or `edges`, each written as the object."""

    object: Object


@dataclass(frozen=True)
class TotalCount:
    """Number of rows on all pages."""


@dataclass(frozen=True)
class HasNextPage:
    """Whether rows follow the page."""


@dataclass(frozen=True)
class HasPreviousPage:
    """Whether rows precede the page."""


@dataclass(frozen=True)
class StartCursor:
    """The cursor of the page's first row, or null."""


@dataclass(frozen=True)
class EndCursor:
    """The cursor of the page's last row, or null."""


PageInfoField = HasNextPage | HasPreviousPage | StartCursor | EndCursor


@dataclass(frozen=True)
class PageInfo:
    """The object `pageInfo`."""

    fields: tuple[tuple[str, PageInfoField | Constant], ...]


PageField = Items | PageInfo | TotalCount | Constant


@dataclass(frozen=True)
class Page:
    """A connection: one page of a listing, of all rows or of those that belong to `key`."""

    listing: Listing
    arguments: int
    fields: tuple[tuple[str, PageField], ...]
    key: str = "id"

    @property
    def read(self) -> Permission:
        """Permission that the caller needs."""
        return self.listing.read

    @property
    def items(self) -> Sequence[Object]:
        """The objects that are written of each row."""
        return [part.object for _, part in self.fields if isinstance(part, Items)]

    @property
    def page_info(self) -> Sequence[PageInfoField]:
        """The selected fields of `pageInfo`."""
        objects = [part for _, part in self.fields if isinstance(part, PageInfo)]
        fields = (part for each in objects for _, part in each.fields)
        return [part for part in fields if not isinstance(part, Constant)]

    @property
    def has_total(self) -> bool:
        """Whether `totalCount` is selected."""
        return any(isinstance(part, TotalCount) for _, part in self.fields)


@dataclass(frozen=True)
class RecordLookup:
    """The record that the arguments identify, or null.

    Attributes:
        objects: what to write for each loader that the arguments can lead to; None writes null.
        unplannable: the reason for each loader whose records only the resolvers can read.
    """

    arguments: int
    objects: Mapping[One[Any] | None, Object | None]
    unplannable: Mapping[One[Any], str] = field(default_factory=dict)


PAGE_INFO: Mapping[str, PageInfoField | Constant] = {
    "has_next_page": HasNextPage(),
    "has_previous_page": HasPreviousPage(),
    "start_cursor": StartCursor(),
    "end_cursor": EndCursor(),
}

Related = ToOne | ToMany | Page
Node = (
    Constant
    | ScalarField
    | SqlExpression
    | PublicIdText
    | JsonByStatus
    | Cursor
    | Object
    | NestedObject
    | Related
)
Root = Constant | Page | RecordLookup


def attributes(objects: Iterable[Object]) -> frozenset[str] | None:
    """Return the attributes of a row that objects are made of; None if SQL may use any."""
    names: set[str] = set()
    for node in (node for each in objects for _, node in each.fields):
        match node:
            case SqlExpression() | ToOne(limit=Callable()):
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


@dataclass(frozen=True, eq=False)
class Plan:
    """The plan of a whole query, or of a relation of objects that the resolvers have loaded.

    Attributes:
        roots: root fields by response name; empty for a relation.
        arguments: binders of the fields with arguments, by index.
        relation: the field below loaded objects; None for a query.
    """

    roots: tuple[tuple[str, Root], ...]
    arguments: tuple[ArgumentBinder, ...]
    relation: Related | None = None

    def unplannable_reason(self, arguments: Sequence[BoundArguments]) -> str | None:
        """Return why a record that these arguments identify needs the resolvers, or None."""
        lookups = [root for _, root in self.roots if isinstance(root, RecordLookup)]
        reasons = (root.unplannable.get(_loader(arguments[root.arguments])) for root in lookups)
        return next((reason for reason in reasons if reason is not None), None)


def _loader(arguments: BoundArguments) -> Any:
    assert isinstance(arguments, LookupArguments)
    return arguments.shape
