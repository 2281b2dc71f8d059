"""`qgp export` and `qgp import`: registers as CSV, on the terminal."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from qgp.app import Application
from qgp.cli.organizations import Slug
from qgp.cli.place import organization_id, run
from qgp.cli.terminal import Failure
from qgp.kit.context import operator
from qgp.kit.gql.exports import Wish, export
from qgp.kit.session import Scope

_AGAIN = 0.2  # seconds between two looks at the progress


def export_list(
    name: Annotated[
        str, typer.Argument(metavar="LIST", help="A list at the API's root: findings.")
    ],
    slug: Slug,
    filter: Annotated[str | None, typer.Option(help="JSON, as the API's `filter`.")] = None,
    order_by: Annotated[str | None, typer.Option(help="JSON, as the API's `orderBy`.")] = None,
    columns: Annotated[
        str | None, typer.Option(help="As in reference,owner.email; all if left out.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(dir_okay=False, help="The file; else standard output.")
    ] = None,
) -> None:
    """Write what a filter leaves of a list as CSV."""
    chosen = None if columns is None else [column.strip() for column in columns.split(",")]
    wish = Wish(name, _json("--filter", filter), _json("--order-by", order_by), chosen)

    async def act(application: Application) -> None:
        own = await organization_id(application, slug)
        found = export(application.schema, operator(own), wish)
        async with application.database.read(Scope(own), is_snapshot=True) as session:
            progress = None
            if is_watched():
                progress = Progress(name, (await session.execute(found.count)).scalar_one())
            with _opened(output) as file:
                async for rows, chunk in found.chunks(session):
                    file.write(chunk)
                    if progress is not None:
                        progress.add(rows)
            if progress is not None:
                progress.end()

    run(act)


def is_watched() -> bool:
    """Say whether somebody sees how far it is."""
    return sys.stderr.isatty()


@dataclass
class Progress:
    """How far an export is, on standard error."""

    name: str
    total: int
    done: int = 0
    _begun: float = field(default_factory=time.perf_counter)
    _shown: float = 0

    def add(self, rows: int) -> None:
        """Count rows, and show it now and then."""
        self.done += rows
        if time.perf_counter() - self._shown >= _AGAIN:
            self._show()

    def end(self) -> None:
        """Show the end, and leave the line."""
        self._show()
        sys.stderr.write("\n")

    def _show(self) -> None:
        self._shown = time.perf_counter()
        rate = self.done / max(self._shown - self._begun, 1e-3)
        told = f"{self.name}: {self.done:,} of {self.total:,} rows, {rate:,.0f} a second"
        sys.stderr.write(f"\r{told}\x1b[K")
        sys.stderr.flush()


def _opened(output: Path | None) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdout.buffer) if output is None else _whole(output)


@contextmanager
def _whole(output: Path) -> Iterator[BinaryIO]:
    """Give a file that takes its name when it is whole."""
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


def _json(option: str, text: str | None) -> Any:
    try:
        return None if text is None else json.loads(text)
    except ValueError as error:
        raise Failure(f"{option} is not valid JSON: {error}.") from None
