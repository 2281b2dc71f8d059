"""CSV commands: `qgp export` and `qgp import`, lists as files."""

import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from qgp.app import Application
from qgp.cli.context import organization_id, run
from qgp.cli.errors import CommandFailed
from qgp.cli.organizations import Slug
from qgp.kit.context import Context
from qgp.kit.csv_dialect import (
    ENCODINGS,
    PORTION,
    CsvDateFormat,
    CsvDecimalMark,
    CsvDelimiter,
    CsvDialect,
    decoded,
)
from qgp.kit.csv_table import Bounds
from qgp.kit.gql.csv_execution import ImportOptions, Outcome
from qgp.kit.gql.csv_imports import CsvImport, csv_imports
from qgp.kit.gql.csv_records import CsvDuplicates
from qgp.kit.gql.exports import ExportRequest, export
from qgp.kit.operating import operator
from qgp.kit.session import Scope
from qgp.users.facts import principal_unfiltered

_LARGE = Bounds(rows=50_000, characters=64 * 1024 * 1024)
_INTERVAL = 0.2  # seconds between two updates of the progress line


def export_list(
    name: Annotated[
        str, typer.Argument(metavar="LIST", help="A list of the API, such as findings.")
    ],
    slug: Slug,
    filter: Annotated[str | None, typer.Option(help="Filter in JSON, as in the API.")] = None,
    order_by: Annotated[
        str | None, typer.Option(help="Order in JSON, as `orderBy` in the API.")
    ] = None,
    columns: Annotated[
        str | None, typer.Option(help="Columns, such as reference,owner.email; default: all.")
    ] = None,
    for_import: Annotated[
        bool, typer.Option("--for-import", help="Write the columns that `qgp import` reads.")
    ] = False,
    delimiter: Annotated[
        CsvDelimiter, typer.Option(help="Delimiter of the cells.")
    ] = CsvDelimiter.COMMA,
    bom: Annotated[
        bool, typer.Option("--bom", help="Begin with a byte order mark, as Excel needs it.")
    ] = False,
    output: Annotated[
        Path | None, typer.Option(dir_okay=False, help="File to write; default: standard output.")
    ] = None,
) -> None:
    """Write the records of a list that match a filter as CSV."""
    chosen = None if columns is None else [column.strip() for column in columns.split(",")]
    filter_and_order = _json("--filter", filter), _json("--order-by", order_by)
    request = ExportRequest(name, *filter_and_order, chosen, delimiter, has_mark=bom)

    async def act(application: Application) -> None:
        organization = await organization_id(application, slug)
        taken = _sheet(application, name)[1].exported if for_import else request.columns
        csv_export = export(
            application.schema, operator(organization), replace(request, columns=taken)
        )
        async with application.database.read(Scope(organization), is_snapshot=True) as session:
            progress = None
            if is_terminal():
                progress = Progress(name, (await session.execute(csv_export.count)).scalar_one())
            with _opened(output) as file:
                async for rows, chunk in csv_export.chunks(session):
                    file.write(chunk)
                    if progress is not None:
                        progress.add(rows)
            if progress is not None:
                progress.end()

    run(act)


def is_terminal() -> bool:
    """Whether standard error is a terminal, where progress is shown."""
    return sys.stderr.isatty()


def import_list(
    name: Annotated[str, typer.Argument(metavar="LIST", help="findings or actions.")],
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="CSV file.")],
    slug: Slug,
    email: Annotated[
        str, typer.Option("--as", help="Email address of the user who creates the records.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only report errors, by row and column.")
    ] = False,
    encoding: Annotated[
        str, typer.Option(help=f"Encoding of the file: {', '.join(ENCODINGS)}.")
    ] = ENCODINGS[0],
    delimiter: Annotated[
        CsvDelimiter | None, typer.Option(help="Delimiter of the cells; default: detected.")
    ] = None,
    date_format: Annotated[
        CsvDateFormat, typer.Option(help="Order of the parts of a date.")
    ] = CsvDateFormat.YMD,
    decimal: Annotated[
        CsvDecimalMark | None, typer.Option(help="Decimal mark of numbers that may be grouped.")
    ] = None,
    duplicates: Annotated[
        CsvDuplicates, typer.Option(help="Treatment of rows whose legacyReference exists.")
    ] = CsvDuplicates.REFUSE,
) -> None:
    """Create a record for each row of a CSV file, or none if a row has an error."""
    dialect = CsvDialect(delimiter, date_format, decimal)
    options = ImportOptions(dry_run, dialect, duplicates=duplicates)

    async def act(application: Application) -> Outcome:
        mutation, sheet = _sheet(application, name)
        organization = await organization_id(application, slug)
        async with application.database.read(Scope(organization)) as session:
            caller = await principal_unfiltered(session, email)
        if caller is None:
            raise CommandFailed(
                f"No active user of {slug} has the email address {email}. Check --as."
            )
        context = Context(application.database, f"qgp import {name}", caller)
        context.require(sheet.create.permission)
        progress = Progress(name, _lines(file)) if is_terminal() else None
        watch = (lambda _: None) if progress is None else (lambda _: progress.add(1))
        text = decoded(_parts(file), encoding)
        outcome = await sheet.run(context, mutation, text, options, bounds=_LARGE, watch=watch)
        if progress is not None:
            progress.end()
        return outcome

    _report(run(act), name)


def _sheet(application: Application, name: str) -> tuple[str, CsvImport]:
    imports = csv_imports(application.schema)
    if name not in imports:
        raise CommandFailed(f"There is no import of {name}. Choose one of {', '.join(imports)}.")
    return imports[name]


def _report(outcome: Outcome, name: str) -> None:
    for problem in outcome.problems:
        column = "" if problem.column is None else f", {problem.column}"
        typer.echo(f"row {problem.row}{column}: {problem.message}", err=True)
    if outcome.problems:
        raise CommandFailed(
            f"{outcome.problem_count} errors in {outcome.rows} rows; nothing was created. "
            "Correct the rows."
        )
    if outcome.created or outcome.updated or outcome.skipped:
        counts = f"{outcome.updated} updated, {outcome.skipped} skipped"
        typer.echo(f"{outcome.created} {name} created, {counts}.")
    else:
        typer.echo(f"{outcome.rows} rows are valid; nothing was created (--dry-run).")


@dataclass
class Progress:
    """Progress line on standard error."""

    name: str
    total: int
    done: int = 0
    _begun: float = field(default_factory=time.perf_counter)
    _shown: float = 0

    def add(self, rows: int) -> None:
        """Count rows, and update the line every 0.2 seconds."""
        self.done += rows
        if time.perf_counter() - self._shown >= _INTERVAL:
            self._show()

    def end(self) -> None:
        """Show the final count, and end the line."""
        self._show()
        sys.stderr.write("\n")

    def _show(self) -> None:
        self._shown = time.perf_counter()
        rate = self.done / max(self._shown - self._begun, 1e-3)
        progress = f"{self.name}: {self.done:,} of {self.total:,} rows, {rate:,.0f} a second"
        sys.stderr.write(f"\r{progress}\x1b[K")
        sys.stderr.flush()


def _opened(output: Path | None) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdout.buffer) if output is None else _atomic(output)


@contextmanager
def _atomic(output: Path) -> Iterator[BinaryIO]:
    """Open a file that is renamed to its final name when it is complete."""
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


async def _parts(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as source:
        while part := source.read(PORTION):
            yield part


def _lines(file: Path) -> int:
    with file.open("rb") as source:
        return sum(part.count(b"\n") for part in iter(partial(source.read, PORTION), b""))


def _json(option: str, text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError as error:
        raise CommandFailed(f"{option} is not valid JSON: {error}.") from None
