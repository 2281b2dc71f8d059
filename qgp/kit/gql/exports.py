"""CSV export of a list: filter, order and columns of choice, streamed.

One statement reads all rows through a database cursor, so that memory does not grow with the list.
"""

import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from graphql import FieldNode, GraphQLField, OperationDefinitionNode, get_named_type, parse
from graphql.execution.values import get_argument_values, get_variable_values
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry import Schema
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from qgp.kit.csv_cells import line
from qgp.kit.csv_dialect import CsvDelimiter
from qgp.kit.errors import Invalid, NotFound
from qgp.kit.gql import columns
from qgp.kit.gql.connection_fields import Listing, ListingArguments
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.export_columns import Selection, Write, suggestion
from qgp.kit.gql.fields import TYPES
from qgp.kit.gql.filter_bounds import check_filter, is_filter
from qgp.kit.gql.filter_sql import conditions
from qgp.kit.gql.variable_errors import variable_errors
from qgp.kit.paging import PAGING
from qgp.kit.policy import Principal

MOST_COLUMNS = 100
MOST_STEPS = 4  # parts of a path, from the record to the value
AT_ONCE = 500  # rows in memory
_PATH = re.compile(r"[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*")


@dataclass(frozen=True)
class ExportRequest:
    """Parameters of an export.

    Attributes:
        register: the root field of the list.
        filter: as the GraphQL argument; None for all rows.
        order_by: as the GraphQL argument; None for the default order.
        columns: dotted paths; None for all columns that the caller may read.
        delimiter: of the cells.
        has_mark: whether the file begins with a byte order mark, by which spreadsheets know UTF-8.
    """

    register: str
    filter: Any = None
    order_by: Any = None
    columns: Sequence[str] | None = None
    delimiter: CsvDelimiter = CsvDelimiter.COMMA
    has_mark: bool = False


@dataclass(frozen=True)
class Export:
    """Prepared export.

    Attributes:
        columns: the names in the header.
        rows: the statement that selects the rows.
        count: the statement that counts them.
        writes: for each column, the function that writes its value as a cell.
        delimiter: see `ExportRequest`; so is `has_mark`.
    """

    columns: Sequence[str]
    rows: sa.Select[Any]
    count: sa.Select[Any]
    writes: Sequence[Write]
    delimiter: CsvDelimiter = CsvDelimiter.COMMA
    has_mark: bool = False

    async def chunks(self, session: AsyncSession) -> AsyncGenerator[tuple[int, bytes], None]:
        """Yield number of rows and bytes of each chunk of the file; the first has the header."""
        text = ("\ufeff" if self.has_mark else "") + line(self.columns, self.delimiter)
        result = await session.stream(self.rows, execution_options={"yield_per": AT_ONCE})
        async for rows in result.partitions():
            yield len(rows), (text + "".join(map(self._line, rows))).encode()
            text = ""
        if text:
            yield 0, text.encode()

    def _line(self, row: Sequence[Any]) -> str:
        cells = [write(value) for write, value in zip(self.writes, row, strict=True)]
        return line(cells, self.delimiter)


def registers(schema: Schema) -> dict[str, GraphQLField]:
    """Return the root connections of records, by name."""
    root = schema._schema.query_type
    assert root is not None
    listings = ((name, field, _listing(field)) for name, field in root.fields.items())
    return {
        name: field
        for name, field, connection in listings
        if connection and connection.model in TYPES
    }


def export(schema: Schema, caller: Principal, request: ExportRequest) -> Export:
    """Prepare an export on behalf of a caller.

    Raises:
        NotFound: there is no such list.
        Invalid: filter, order or columns do not fit it.
        Forbidden: the caller may not read it, or a record that filter or columns refer to.
    """
    lists = registers(schema)
    if request.register not in lists:
        hint = suggestion(request.register, lists) or f"The lists are {', '.join(sorted(lists))}."
        raise NotFound(f"There is no list {_cut(request.register)}. {hint}", "list")
    root = lists[request.register]
    listing = _listing(root)
    assert listing is not None
    caller.require(listing.read)
    arguments = _arguments(schema, root, request)
    limits = [*conditions(arguments.filter, caller), *listing.read.visible(caller)]
    names = _distinct(request.columns or [*columns.columns(listing.model, caller)])
    selected = Selection(listing.model, listing.model, caller)
    for name in names:
        selected.add(name)
    counted: sa.Select[Any] = sa.select(sa.func.count()).select_from(listing.model)
    order = [key.clause(reverse=False) for key in listing.keys(arguments.order, caller)]
    return Export(
        names,
        selected.statement().where(*limits).order_by(*order),
        counted.where(*limits),
        selected.writes,
        request.delimiter,
        request.has_mark,
    )


def _listing(field: GraphQLField) -> Listing | None:
    definition: StrawberryField = field.extensions["strawberry-definition"]
    declared = definition.metadata.get(DECLARED)
    return declared if isinstance(declared, Listing) else None


def _arguments(schema: Schema, root: GraphQLField, request: ExportRequest) -> ListingArguments:
    """Read filter and order as GraphQL would.

    Raises:
        Invalid: GraphQL would refuse them.
    """
    if is_filter(kind := get_named_type(root.args["filter"].type)):
        check_filter(kind, request.filter, {}, "filter")
    sent = {"filter": request.filter, "orderBy": request.order_by}
    types = ", ".join(f"${name}: {root.args[name].type}" for name in sent)
    passed = ", ".join(f"{name}: ${name}" for name in sent)
    document = parse(f"query ({types}) {{ {request.register}({passed}) {{ totalCount }} }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    present = {name: value for name, value in sent.items() if value is not None}
    values = get_variable_values(
        schema._schema,
        operation.variable_definitions or (),
        present,
    )
    if isinstance(values, list):
        errors = variable_errors(
            schema._schema, operation.variable_definitions or (), present, hide_suggestions=False
        )
        error = [*errors, *values][0]
        path = (error.extensions or {}).get("path", ["filter"])
        raise Invalid(error.message, str(path[0]))
    node = operation.selection_set.selections[0]
    assert isinstance(node, FieldNode)
    definition: StrawberryField = root.extensions["strawberry-definition"]
    arguments = convert_arguments(
        dict(get_argument_values(root, node, values)),
        definition.arguments,
        scalar_registry=schema.schema_converter.scalar_registry,
        config=schema.config,
    )
    return ListingArguments.of(PAGING, **arguments)


def _distinct(columns: Sequence[str]) -> Sequence[str]:
    """Check the names of columns before they are looked up.

    Raises:
        Invalid: too many, one of them twice, or a malformed name.
    """
    if len(columns) > MOST_COLUMNS:
        message = f"Name at most {MOST_COLUMNS} columns; these are {len(columns)}."
        raise Invalid(message, "columns")
    for place, name in enumerate(columns):
        if not _PATH.fullmatch(name) or name.count(".") >= MOST_STEPS:
            message = "is no column. Write a name such as `reference` or `owner.email`"
            raise Invalid(f"{_cut(name)} {message}, of at most {MOST_STEPS} parts.", "columns")
        if name in columns[:place]:
            raise Invalid(f"The column `{name}` is named twice. Name it once.", "columns")
    return columns


def _cut(text: str) -> str:
    return f"`{text[:60]}`"
