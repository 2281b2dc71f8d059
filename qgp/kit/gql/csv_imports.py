"""Mutations that write down what a CSV file holds: all of its rows, or none.

Each row goes through the service of the mutation that makes one record. If one is refused, all are
tried again, each in a savepoint, so that everything that is wrong is told at once. A dry run does
the same and takes it back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any
from uuid import UUID

import strawberry
from strawberry import UNSET, Schema
from strawberry.types.field import StrawberryField

from qgp.kit import csv_table, reference_numbers
from qgp.kit.context import Context
from qgp.kit.csv_table import Bounds, Problem
from qgp.kit.errors import DomainError, ErrorCode
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.command import Command, titled
from qgp.kit.gql.csv_columns import UNTOLD, Column, Named, columns, left_out
from qgp.kit.gql.csv_rows import MOST_PROBLEMS, Reading, Stumbled, Watch
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import TYPES, Info
from qgp.kit.gql.inputs import InputField, input_field, key_field, parameters
from qgp.kit.gql.retries import retried
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.user_errors import UserError, errors_field, to_user_error
from qgp.kit.idempotency import Mark, once
from qgp.kit.model import Record
from qgp.kit.names import one_of, to_camel
from qgp.kit.policy import audience
from qgp.kit.work import Work

_BOUNDS = Bounds()
_KEY = InputField()


@strawberry.type(description="One thing that is wrong with a file.")
class ImportProblem:
    """One thing that is wrong with a file."""

    row: int = strawberry.field(description="The row as a spreadsheet counts; the header is 1.")
    column: str | None = strawberry.field(
        description="The column's name in the header; null where the whole row is meant."
    )
    code: ErrorCode = strawberry.field(description="The kind of problem, for programs.")
    message: str = strawberry.field(description="What is wrong and what to do, for a person.")
    constraint: str | None = strawberry.field(
        description="The rule and its number, for programs, as in `ValidationError`; null where "
        "there is none."
    )


@dataclass(frozen=True)
class Outcome:
    """What became of a file.

    Attributes:
        rows: how many it holds, without the header.
        created: how many records were written: all, or none.
    """

    rows: int
    created: int = 0
    problems: Sequence[Problem] = ()


class _TakenBack(Exception):
    """The unit of work ends without a trace."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True, eq=False)
class CsvImport:
    """A file whose rows become records.

    Attributes:
        create: the mutation that creates one; the fields of its input are the columns.
        names: by field, how a file names the records of which it takes the ids.
        untold: the fields that no file holds.
    """

    create: Command
    names: Mapping[str, Named]
    untold: frozenset[str] = UNTOLD

    @property
    def model(self) -> type[Record]:
        """The rows that are written."""
        return self.create.model

    @property
    def input(self) -> type:
        """The input of one row."""
        input_type = self.create.input
        assert isinstance(input_type, type)
        return input_type

    @cached_property
    def columns(self) -> Sequence[Column]:
        """What a file may hold."""
        return columns(self.input, self.names, self.untold)

    @property
    def exported(self) -> Sequence[str]:
        """The columns of an export that this file may hold."""
        names = [column.named.shown if column.named else (column.name,) for column in self.columns]
        return [name for shown in names for name in shown]

    def field(self, name: str) -> StrawberryField:
        """Return the root field; input and payload are named after it."""
        input_type: Any = self._input(name)
        payload = self._payload(name)
        Asked: Any = Annotated[input_type, parameters(to_camel(name))]  # noqa: N806

        async def resolve(info: Info, input: Asked) -> Any:
            is_dry_run, errors, found = input.is_dry_run, list[DomainError](), Outcome(0)
            try:
                key = _key_of(input.idempotency_key)
                found = await self.run(
                    info.context, to_camel(name), input.csv, is_dry_run=is_dry_run, key=key
                )
            except DomainError as error:
                errors = [error]
            return payload(
                is_dry_run=is_dry_run,
                rows=found.rows,
                created=found.created,
                problems=found.problems,
                errors=[to_user_error(error) for error in errors],
            )

        kind = TYPES[self.model].__name__
        made = strawberry.mutation(
            resolve,
            name=to_camel(name),
            graphql_type=payload | None,
            description=f"Write down every row of a CSV file as {one_of(kind)}, or none. "
            f"{audience(self.create.permission.roles)}".rstrip(),
            extensions=[Requires(self.create.permission)],
            metadata={DECLARED: self},
        )
        made.python_name = name
        return made

    def _input(self, name: str) -> type:
        said = [f"`{column.name}`" for column in self.columns]
        needed = [f"`{column.name}`" for column in self.columns if column.default is None]
        told = (
            f"The file, with a header; columns in any order: {', '.join(said)}. Needed are "
            f"{' and '.join([', '.join(needed[:-1]), needed[-1]])}. Records are named as an "
            f"export names them. At most {_BOUNDS.rows} rows and {_BOUNDS.characters} characters, "
            "in a request body of at most `serverInfo.limits.bodyBytes`."
        )
        dry = "Whether only to tell what is wrong; everything is tried, and taken back."
        body: dict[str, Any] = {
            "csv": input_field(told, most=_BOUNDS.characters),
            "is_dry_run": strawberry.field(description=dry),
            "idempotency_key": key_field(),
            "__annotations__": {"csv": str, "is_dry_run": bool, "idempotency_key": str | None},
        }
        made = type(f"{titled(name)}Input", (), body)
        return strawberry.input(made, description="A CSV file to write down.")

    def _payload(self, name: str) -> Any:
        hints: dict[str, Any] = {"is_dry_run": bool, "rows": int, "created": int}
        hints |= {"problems": list[ImportProblem], "errors": list[UserError]}
        texts = {
            "is_dry_run": "Whether it was only tried.",
            "rows": "Rows of the file, without its header.",
            "created": "Records that were written: one for each row, or 0.",
        }
        wrong = "What is wrong, row by row; nothing is written unless it is empty."
        body = {part: strawberry.field(description=text) for part, text in texts.items()}
        body["problems"] = plain_list(wrong, MOST_PROBLEMS)
        body["errors"] = errors_field("Why the file could not be tried at all.")
        made = type(f"{titled(name)}Payload", (), {"__annotations__": hints, **body})
        return strawberry.type(made, description=f"What `{to_camel(name)}` returns.")

    async def run(
        self,
        context: Context,
        name: str,
        csv: str,
        *,
        is_dry_run: bool,
        key: str | None = None,
        bounds: Bounds = _BOUNDS,
        watch: Watch = lambda _: None,
    ) -> Outcome:
        """Write down every row, or tell what is wrong and write nothing.

        Args:
            name: of the mutation, for the trail.
            key: the idempotency key; a dry run, which does nothing, has none.
            watch: is called with the number of rows that have been tried.

        Raises:
            Invalid: the file cannot be read at all.
            DomainError: no row was tried.
        """
        table = csv_table.read(csv, bounds)
        make = partial(self.create.act, **left_out(self.input, self.untold))
        reading = Reading(self.model, self.columns, table)

        async def write(work: Work, *, is_careful: bool) -> Mark:
            problems = await reading.written(work, make, watch, is_careful=is_careful)
            if problems or is_dry_run:
                raise _TakenBack(problems)
            return await Mark.make()

        async def act(work: Work, *, is_careful: bool = False) -> UUID:
            if is_dry_run:
                reference_numbers.rehearse(work.session)
                return (await write(work, is_careful=is_careful)).id
            return await once(work, key, name + csv, partial(write, work, is_careful=is_careful))

        try:
            try:
                await retried(context, name, act)
            except Stumbled:
                await retried(context, name, partial(act, is_careful=True))
        except _TakenBack as end:
            return Outcome(table.size, 0, end.problems)
        return Outcome(table.size, table.size)


def _key_of(given: str | None) -> str | None:
    return None if given is None or given is UNSET else str(_KEY.read(given, "idempotencyKey"))


def csv_import(
    create: Command, *, names: Mapping[str, Named], untold: Collection[str] = ()
) -> CsvImport:
    """Declare a file whose rows become records; its mutation is named after its variable."""
    return CsvImport(create, names, UNTOLD.union(untold))


def csv_imports(schema: Schema) -> dict[str, tuple[str, CsvImport]]:
    """Return mutation and sheet of each kind of file, by the list that it adds to."""
    root = schema._schema.mutation_type
    assert root is not None
    found = {}
    for name, field in root.fields.items():
        definition: StrawberryField = field.extensions["strawberry-definition"]
        if isinstance(declared := definition.metadata.get(DECLARED), CsvImport):
            found[name.removesuffix("Import")] = name, declared
    return found
