"""Rows of an imported CSV file: cells parsed to values, keys resolved to ids, rows written."""

from collections.abc import AsyncIterable, AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from qgp.kit import csv_table
from qgp.kit.constraints import constraint_errors
from qgp.kit.csv_dialect import CsvDialect
from qgp.kit.csv_table import Bounds, Problem, Row
from qgp.kit.errors import DomainError, Invalid, NotFound
from qgp.kit.gql.csv_columns import Column, KeyLoader
from qgp.kit.gql.csv_header import Header, read_header
from qgp.kit.gql.csv_records import RowValues, RowWriter
from qgp.kit.model import Record
from qgp.kit.pace import Pace
from qgp.kit.session import replan
from qgp.kit.work import Work

MOST_PROBLEMS = 1_000
_KEYS_AT_ONCE = 200  # keys of records that one statement looks up
_WRITTEN_AT_ONCE = 50  # rows: to write more in one go would hold the event loop for longer
# Portions before which statements are planned anew, since the tables have grown meanwhile.
_REPLANNED = {2**power for power in range(12)} | {0}
Watch = Callable[[int], None]
IdsByKey = Mapping[Column, Mapping[str, UUID | None]]


@dataclass(frozen=True)
class ParsedRow:
    """Values of one row, by input field.

    Attributes:
        number: of the row as a spreadsheet counts.
        values: records are still named by keys, such as an e-mail address.
        filled: the fields whose cells are not empty.
        is_valid: whether every cell holds a value that its field accepts.
    """

    number: int
    values: Mapping[str, Any]
    filled: frozenset[str]
    is_valid: bool


@dataclass(frozen=True)
class ParsedFile:
    """A file as its columns understand it, before the database is read.

    Attributes:
        problems: of the file, its header and its cells.
        size: number of rows that are not blank, also of those that cannot be read.
        sha256: of the text, in hexadecimal.
    """

    header: Header
    rows: Sequence[ParsedRow]
    problems: Sequence[Problem]
    size: int
    sha256: str


async def parse(
    model: type[Record],
    columns: Sequence[Column],
    text: AsyncIterable[str],
    dialect: CsvDialect,
    bounds: Bounds,
) -> ParsedFile:
    """Parse a file as it arrives; only the values of its cells are kept.

    Args:
        model: the record that each row becomes.
        columns: every column that the file may have.
        text: the portions of the file.
        dialect: the declared form of the file.
        bounds: rows and characters of a file, at most.

    Raises:
        Invalid: the file is empty, too long or no CSV.
    """
    table = await csv_table.read(text, dialect, bounds)
    header = read_header(model, columns, table.header, table.header_row)
    rows, problems = list[ParsedRow](), [*header.problems]
    async for row in table.rows(header.least_cells):
        parsed, row_problems = _parse_row(header, row, dialect)
        problems += row_problems
        rows.append(parsed)
    problems += [*table.problems, *header.nameless(len(table.nameless))]
    return ParsedFile(header, rows, problems, table.size, table.sha256)


def _parse_row(header: Header, row: Row, dialect: CsvDialect) -> tuple[ParsedRow, list[Problem]]:
    values = {name: default() for name, default in header.defaults.items()}
    filled, problems = set[str](), list[Problem]()
    for column, positions in header.positions.items():
        try:
            text = _cell_text(row.cells, positions)
            values[column.field] = column.value(text, dialect)
            if text.strip():
                filled.add(column.field)
        except Invalid as error:
            problems.append(Problem.of(row.number, header.name_of(column), error))
    return ParsedRow(row.number, values, frozenset(filled), is_valid=not problems), problems


def _cell_text(cells: Sequence[str], positions: Sequence[int]) -> str:
    """Return the text of a cell, or of several that name a record together."""
    if len(positions) == 1:
        return csv_table.value(cells[positions[0]])
    return " ".join(csv_table.value(cells[position]).strip() for position in positions)


async def write_rows(
    work: Work, file: ParsedFile, writer: RowWriter, watch: Watch
) -> Sequence[Problem]:
    """Put each row through the service; return every problem of the file, by row and column.

    Args:
        work: the unit of work, which the caller ends; it keeps the rows that are not refused.
        file: the parsed file.
        writer: creates or updates the record of a row.
        watch: called with the number of rows tried so far.

    Raises:
        Forbidden: the caller may not read the records that a column names.
    """
    problems, pace = [*file.problems], Pace()
    rows = await _resolved_rows(file, await _ids_by_key(work, file), problems)
    rows = rows if file.header.is_complete else []
    await writer.recognize(work, rows)
    for start in range(0, len(rows), _WRITTEN_AT_ONCE):
        if start // _WRITTEN_AT_ONCE in _REPLANNED:
            await replan(work.session)
        together = rows[start : start + _WRITTEN_AT_ONCE]
        async for row, error in _refused(work, writer, together, pace):
            problems.append(Problem.of(row.number, file.header.name_of_field(error), error))
        for count in range(start, start + len(together)):
            watch(count + 1)
    return sorted(problems, key=file.header.sort_key)


async def _refused(
    work: Work, writer: RowWriter, rows: Sequence[RowValues], pace: Pace
) -> AsyncIterator[tuple[RowValues, DomainError]]:
    """Write rows together; if one is refused, it and those around it apart. Yield the refused."""
    passed, before, written = {*(work.passed or ())}, writer.state, 0
    try:
        with constraint_errors():
            async with work.session.begin_nested():
                for row in rows:
                    await pace()
                    await writer.write(work, row)
                    written += 1
                await work.seal_audit_notes()
    except DomainError as error:
        work.passed, writer.state = passed, before
        if len(rows) == 1:
            yield rows[0], error
            return
    else:
        return
    if written == len(rows):  # the database refuses one of them
        parts = [rows[: written // 2], rows[written // 2 :]]
    else:
        parts = [rows[:written], rows[written : written + 1], rows[written + 1 :]]
    for part in filter(None, parts):
        async for refused in _refused(work, writer, part, pace):
            yield refused


async def _ids_by_key(work: Work, file: ParsedFile) -> IdsByKey:
    """Load the records that each column names, for some hundred rows in one statement."""
    ids: dict[Column, Mapping[str, UUID | None]] = {}
    for column in file.header.positions:
        if column.named is not None:
            keys = sorted({key for row in file.rows for key in _keys_in(row, column)})
            ids[column] = await _ids(work, column.named.loader, keys)
    return ids


async def _ids(work: Work, loader: KeyLoader, keys: Sequence[str]) -> Mapping[str, UUID | None]:
    ids: dict[str, UUID | None] = {}
    for start in range(0, len(keys), _KEYS_AT_ONCE):
        work.caller.require(loader.read)
        batch = [*keys[start : start + _KEYS_AT_ONCE]]
        records = await loader.fetch(work, batch)
        visible = [None if record is None else record.id for record in records]
        ids |= zip(batch, visible, strict=True)
    return ids


async def _resolved_rows(
    file: ParsedFile, ids: IdsByKey, problems: list[Problem]
) -> Sequence[RowValues]:
    """Return number and values of the valid rows, with ids in place of keys.

    Args:
        file: the parsed file.
        ids: by column and key, None where no record is visible.
        problems: takes a problem for each key without a record.
    """
    rows, pace = list[RowValues](), Pace()
    for row in file.rows:
        await pace()
        values, is_resolved = {**row.values}, True
        for column, ids_of_column in ids.items():
            for key in _keys_in(row, column):
                if ids_of_column[key] is None:
                    is_resolved, error = False, NotFound(_not_visible(column, key))
                    problems.append(Problem.of(row.number, file.header.name_of(column), error))
            value = row.values.get(column.field)
            if isinstance(value, list):
                values[column.field] = [ids_of_column[key] for key in value]
            elif value is not None:
                values[column.field] = ids_of_column[value]
        if row.is_valid and is_resolved:
            rows.append(RowValues(row.number, values, row.filled))
    return rows


def _keys_in(row: ParsedRow, column: Column) -> Sequence[str]:
    """Return the keys of records in a row's cell: none, one, or those of a list."""
    value = row.values.get(column.field)
    if isinstance(value, list):
        return value
    return [] if value is None else [value]


def _not_visible(column: Column, key: str) -> str:
    assert column.named is not None
    kind = column.named.loader.model.__name__
    return f"No {kind} `{key[:60]}` is visible to you. {column.named.hint}"
