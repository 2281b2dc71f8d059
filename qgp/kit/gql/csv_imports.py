"""CSV import mutations: every row of a file becomes a record, or none does.

Each row goes through the service of the mutation that creates one record. If a row is refused, all
are tried again, each in a savepoint, so that the payload lists every problem at once. A dry run
does the same and rolls back.
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
from qgp.kit.gql.command import Command
from qgp.kit.gql.csv_columns import NEVER_IN_FILES, Column, Named, columns, excluded_defaults
from qgp.kit.gql.csv_rows import MOST_PROBLEMS, RowRefused, Watch, parse, write_rows
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import TYPES, Info
from qgp.kit.gql.inputs import InputField, input_field, key_field, parameters
from qgp.kit.gql.retries import retried
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.user_errors import UserError, errors_field, to_user_error
from qgp.kit.idempotency import BatchOutcome, once
from qgp.kit.model import Record
from qgp.kit.names import one_of, to_camel, to_pascal
from qgp.kit.policy import audience
from qgp.kit.work import Work

_BOUNDS = Bounds()
_KEY = InputField()


@strawberry.type(description="Problem with one row or cell of an imported file.")
class ImportProblem:
    """Problem with one row or cell of an imported file."""

    row: int = strawberry.field(
        description="Number of the row as a spreadsheet counts; the header is 1."
    )
    column: str | None = strawberry.field(
        description="Name of the column in the header; null where it concerns the whole row."
    )
    code: ErrorCode = strawberry.field(description="Kind of problem, for programs.")
    message: str = strawberry.field(description="Problem and remedy, for a person.")
    constraint: str | None = strawberry.field(
        description="The rule and its number, for programs, as in `ValidationError`; null where "
        "there is none."
    )


@dataclass(frozen=True)
class Outcome:
    """Outcome of an import.

    Attributes:
        rows: rows of the file, without the header.
        created: records written: one for each row, or 0.
        problems: by row and column; nothing is written unless it is empty.
    """

    rows: int
    created: int = 0
    problems: Sequence[Problem] = ()


class _RolledBack(Exception):
    """The unit of work is to be rolled back."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__()
        self.problems = problems


@dataclass(frozen=True, eq=False)
class CsvImport:
    """Import of one kind of record.

    Attributes:
        create: the mutation that creates one record; the fields of its input are the columns.
        names: by field that takes ids, the keys by which a file names the records.
        excluded: the fields that no file sets.
    """

    create: Command
    names: Mapping[str, Named]
    excluded: frozenset[str] = NEVER_IN_FILES

    @property
    def model(self) -> type[Record]:
        """The record that each row becomes."""
        return self.create.model

    @property
    def input(self) -> type:
        """The input of one row."""
        input_type = self.create.input
        assert isinstance(input_type, type)
        return input_type

    @cached_property
    def columns(self) -> Sequence[Column]:
        """Every column that a file may have."""
        return columns(self.input, self.names, self.excluded)

    @property
    def exported(self) -> Sequence[str]:
        """The columns of an export that an import accepts."""
        names = [
            column.named.export_columns if column.named else (column.name,)
            for column in self.columns
        ]
        return [name for group in names for name in group]

    def field(self, name: str) -> StrawberryField:
        """Return the root field; input and payload are named after it."""
        input_type: Any = self._input(name)
        payload = self._payload(name)
        Input: Any = Annotated[input_type, parameters(to_camel(name))]  # noqa: N806 - a type

        async def resolve(info: Info, input: Input) -> Any:
            is_dry_run, errors, outcome = input.is_dry_run, list[DomainError](), Outcome(0)
            try:
                key = _key_of(input.idempotency_key)
                outcome = await self.run(
                    info.context, to_camel(name), input.csv, is_dry_run=is_dry_run, key=key
                )
            except DomainError as error:
                errors = [error]
            return payload(
                is_dry_run=is_dry_run,
                rows=outcome.rows,
                created=outcome.created,
                problems=outcome.problems,
                errors=[to_user_error(error) for error in errors],
            )

        kind = TYPES[self.model].__name__
        root_field = strawberry.mutation(
            resolve,
            name=to_camel(name),
            graphql_type=payload | None,
            description=f"Creates {one_of(kind)} from each row of a CSV file, or none at all. "
            f"{audience(self.create.permission.roles)}".rstrip(),
            extensions=[Requires(self.create.permission)],
            metadata={DECLARED: self},
        )
        root_field.python_name = name
        return root_field

    def _input(self, name: str) -> type:
        names = [f"`{column.name}`" for column in self.columns]
        required = [f"`{column.name}`" for column in self.columns if column.default is None]
        description = (
            f"Content of the file, with a header; columns in any order: {', '.join(names)}. "
            f"Required: {', '.join(required)}. Records are named by the same keys as in an export. "
            f"At most {_BOUNDS.rows} rows and {_BOUNDS.characters} characters, in a request body "
            "of at most `serverInfo.limits.bodyBytes`."
        )
        dry = "Whether to list the problems only: every row is tried, then all is rolled back."
        body: dict[str, Any] = {
            "csv": input_field(description, most=_BOUNDS.characters),
            "is_dry_run": strawberry.field(description=dry),
            "idempotency_key": key_field(),
            "__annotations__": {"csv": str, "is_dry_run": bool, "idempotency_key": str | None},
        }
        input_class = type(f"{to_pascal(name)}Input", (), body)
        return strawberry.input(input_class, description=f"Parameters for `{to_camel(name)}`.")

    def _payload(self, name: str) -> Any:
        hints: dict[str, Any] = {"is_dry_run": bool, "rows": int, "created": int}
        hints |= {"problems": list[ImportProblem], "errors": list[UserError]}
        texts = {
            "is_dry_run": "Whether this was a dry run, which writes nothing.",
            "rows": "Rows of the file, without the header.",
            "created": "Records written: one for each row, or 0.",
        }
        problems = "Problems by row and column; nothing is written unless it is empty."
        body = {part: strawberry.field(description=text) for part, text in texts.items()}
        body["problems"] = plain_list(problems, MOST_PROBLEMS)
        body["errors"] = errors_field("Reasons why no row was tried.")
        payload_type = type(f"{to_pascal(name)}Payload", (), {"__annotations__": hints, **body})
        return strawberry.type(payload_type, description=f"Result of `{to_camel(name)}`.")

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
        """Write every row, or list the problems and write nothing.

        Args:
            context: of the operation.
            name: of the mutation, in camelCase, for the audit trail.
            csv: the content of the file.
            is_dry_run: whether to roll back in any case.
            key: the idempotency key; a dry run, which writes nothing, ignores it.
            bounds: rows and characters of a file, at most.
            watch: called with the number of rows tried so far.

        Raises:
            Invalid: the file is empty, too long or no CSV.
            DomainError: no row was tried.
        """
        table = csv_table.read(csv, bounds)
        make = partial(self.create.act, **excluded_defaults(self.input, self.excluded))
        file = parse(self.model, self.columns, table)

        async def write(work: Work, *, use_savepoints: bool) -> BatchOutcome:
            problems = await write_rows(work, file, make, watch, use_savepoints=use_savepoints)
            if problems or is_dry_run:
                raise _RolledBack(problems)
            return await BatchOutcome.make()

        async def act(work: Work, *, use_savepoints: bool = False) -> UUID:
            if is_dry_run:
                reference_numbers.rehearse(work.session)
                return (await write(work, use_savepoints=use_savepoints)).id
            write_once = partial(write, work, use_savepoints=use_savepoints)
            return await once(work, key, name + csv, write_once)

        try:
            try:
                await retried(context, name, act)
            except RowRefused:
                await retried(context, name, partial(act, use_savepoints=True))
        except _RolledBack as end:
            return Outcome(table.size, 0, end.problems)
        return Outcome(table.size, table.size)


def _key_of(text: str | None) -> str | None:
    return None if text is None or text is UNSET else str(_KEY.read(text, "idempotencyKey"))


def csv_import(
    create: Command, *, names: Mapping[str, Named], excluded: Collection[str] = ()
) -> CsvImport:
    """Declare an import; its mutation is named after the variable that holds it."""
    return CsvImport(create, names, NEVER_IN_FILES.union(excluded))


def csv_imports(schema: Schema) -> dict[str, tuple[str, CsvImport]]:
    """Return mutation and declaration of each import, by the list that it adds to."""
    root = schema._schema.mutation_type
    assert root is not None
    imports = {}
    for name, field in root.fields.items():
        definition: StrawberryField = field.extensions["strawberry-definition"]
        if isinstance(declared := definition.metadata.get(DECLARED), CsvImport):
            imports[name.removesuffix("Import")] = name, declared
    return imports
