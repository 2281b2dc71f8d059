"""CSV import mutations: every row of a file becomes a record, or none does."""

from collections.abc import AsyncIterable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Annotated, Any

import strawberry
from strawberry import UNSET, Schema
from strawberry.types.field import StrawberryField

from qgp.kit.context import Context
from qgp.kit.csv_dialect import CsvDateFormat, CsvDecimalMark, CsvDelimiter, CsvDialect
from qgp.kit.csv_table import Bounds
from qgp.kit.error_codes import ErrorCode
from qgp.kit.errors import DomainError
from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.command import Command
from qgp.kit.gql.csv_columns import NEVER_IN_FILES, Column, NameLoader, columns, excluded_defaults
from qgp.kit.gql.csv_execution import ImportOptions, Outcome, Writing, key_of
from qgp.kit.gql.csv_history import History
from qgp.kit.gql.csv_records import CsvDuplicates, RowWriter
from qgp.kit.gql.csv_rows import MOST_PROBLEMS, Watch, parse
from qgp.kit.gql.csv_sources import SECONDS, source
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import TYPES, Info
from qgp.kit.gql.inputs import input_field, key_field, parameters
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.user_errors import UserError, errors_field, to_user_error
from qgp.kit.model import Record
from qgp.kit.names import one_of, to_camel, to_pascal, words
from qgp.kit.policy import audience

BOUNDS = Bounds()
_DRY_RUN = "Whether to list the problems only: every row is tried, then all is rolled back."
# Field, type, description and default of each attribute of CsvDialect.
_FORM: dict[str, tuple[Any, str, Any]] = {
    "delimiter": (
        CsvDelimiter | None,
        "Delimiter of the cells; if left out, that of a line `sep=` or of the header.",
        None,
    ),
    "date_format": (
        CsvDateFormat,
        "Order of the parts of a date.",
        CsvDateFormat.YMD,
    ),
    "decimal": (
        CsvDecimalMark | None,
        "Decimal mark, if thousands are grouped or it is a comma; if left out, numbers are "
        "digits with a decimal point.",
        None,
    ),
}


@strawberry.type(description="Problem with one row or cell of an imported file.")
class ImportProblem:
    """Problem with one row or cell of an imported file."""

    row: int = strawberry.field(
        description="Number of the row as a spreadsheet counts: blank rows count, and so does a "
        "line `sep=`; the first is 1."
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


@dataclass(frozen=True, eq=False)
class CsvImport:
    """Import of one kind of record.

    Attributes:
        create: the mutation that creates one record; the fields of its input are the columns.
        names: by field that takes ids, the loader of records by the key that a file has.
        relations: by field of `names`, the relation of an export with the same records, where it
            is not named after the field.
        excluded: the fields that no file sets.
        update: the mutation that changes one record; None where no file changes records.
        history: the ended records that a file may hold; None where it holds none.
    """

    create: Command
    names: Mapping[str, NameLoader]
    relations: Mapping[str, str]
    excluded: frozenset[str]
    update: Command | None = None
    history: History | None = None

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
        history = () if self.history is None else self.history.columns(self.model)
        return [*self._columns_of_input, *history]

    @cached_property
    def _columns_of_input(self) -> Sequence[Column]:
        return columns(self.input, self.names, self.relations, self.excluded)

    @property
    def exported(self) -> Sequence[str]:
        """The columns of an export that an import accepts."""
        return [name for column in self._columns_of_input for name in column.exported]

    def field(self, name: str) -> StrawberryField:
        """Return the root field; input and payload are named after it."""
        input_type: Any = self._input(name)
        payload = self._payload(name)
        Input: Any = Annotated[input_type, parameters(to_camel(name))]  # noqa: N806 - a type

        async def resolve(info: Info, input: Input) -> Any:
            errors, outcome = list[DomainError](), Outcome(0)
            try:
                options, context = _options(input), info.context
                file = None if input.csv is UNSET else input.csv, input.attachment_id or None
                async with source(context, to_camel(name), *file) as text:
                    outcome = await self.run(context, to_camel(name), text, options)
            except DomainError as error:
                errors = [error]
            return payload(
                is_dry_run=input.is_dry_run,
                rows=outcome.rows,
                created=outcome.created,
                updated=outcome.updated,
                skipped=outcome.skipped,
                problem_count=outcome.problem_count,
                problems=outcome.problems,
                errors=[to_user_error(error) for error in errors],
            )

        kind = TYPES[self.model].__name__
        root_field = strawberry.mutation(
            resolve,
            name=to_camel(name),
            graphql_type=payload | None,
            description=f"Creates {one_of(words(kind))} from each row of a CSV file, or none. "
            f"{audience(self.create.permission.roles)}".rstrip(),
            extensions=[Requires(self.create.permission)],
            metadata={DECLARED: self},
        )
        root_field.python_name = name
        return root_field

    def _input(self, name: str) -> type:
        names = [f"`{column.name}`" for column in self._columns_of_input]
        required = [f"`{column.name}`" for column in self.columns if column.default is None]
        description = (
            f"Content of the file, with a header; columns in any order: {', '.join(names)}. "
            f"Required: {', '.join(required)}. {self._ended()}Records are "
            "named by the same keys as in an export. "
            f"At most {BOUNDS.rows} rows, in a request body of at most "
            "`serverInfo.limits.bodyBytes`; `attachmentId`, and `POST /imports/"
            f"{to_camel(name).removesuffix('Import')}.csv`, take files of up to 10 MB. Send `csv` "
            "or `attachmentId`."
        )
        upload = (
            "In place of `csv`: the file as an attachment, in UTF-8, uploaded to a record that is "
            f"visible to you (`fileUploadCreate`). Up to 10 MB and {BOUNDS.rows} rows, within "
            f"{SECONDS:g} seconds; it stays, for a dry run and the import after it."
        )
        body: dict[str, Any] = {
            "csv": input_field(description, most=BOUNDS.characters, default=None),
            "attachment_id": input_field(upload, id_of="att", default=None),
            "is_dry_run": strawberry.field(description=_DRY_RUN),
            "idempotency_key": key_field(),
            "duplicates": input_field(
                "Treatment of rows whose `legacyReference` a record has already.",
                default=CsvDuplicates.REFUSE,
            ),
            **{part: input_field(text, default=value) for part, (_, text, value) in _FORM.items()},
        }
        body["__annotations__"] = {"csv": str | None, "attachment_id": strawberry.ID | None}
        body["__annotations__"] |= {"is_dry_run": bool, "idempotency_key": str | None}
        body["__annotations__"]["duplicates"] = CsvDuplicates
        body["__annotations__"] |= {part: kind for part, (kind, _, _) in _FORM.items()}
        input_class = type(f"{to_pascal(name)}Input", (), body)
        return strawberry.input(
            share_annotations(input_class), description=f"Parameters for `{to_camel(name)}`."
        )

    def _ended(self) -> str:
        """Return the sentence about records that have ended, with a blank at its end."""
        if self.history is None:
            return ""
        states, fields = ", ".join(self.history.states), map(to_camel, self.history.fields)
        listed = ", ".join(f"`{name}`" for name in fields)
        who = audience(self.history.permission.roles)
        return f"A record that has ended elsewhere has its `status` ({states}) and {listed}. {who} "

    def _payload(self, name: str) -> Any:
        hints: dict[str, Any] = {"is_dry_run": bool, "rows": int, "created": int}
        hints |= {"updated": int, "skipped": int, "problem_count": int}
        hints |= {"problems": list[ImportProblem], "errors": list[UserError]}
        texts = {
            "is_dry_run": "Whether this was a dry run, which writes nothing.",
            "rows": "Rows of the file, without the header and blank ones.",
            "created": "Records created; 0 if there are problems.",
            "updated": "Rows whose records existed and have the values of the file now.",
            "skipped": "Rows whose records existed and stay as they are.",
            "problem_count": f"Problems in all; `problems` has the first {MOST_PROBLEMS:,}.",
        }
        problems = "Problems by row and column; nothing is written unless it is empty."
        body = {part: strawberry.field(description=text) for part, text in texts.items()}
        body["problems"] = plain_list(problems, MOST_PROBLEMS)
        body["errors"] = errors_field("Reasons why no row was tried.")
        payload_type = type(f"{to_pascal(name)}Payload", (), {"__annotations__": hints, **body})
        return strawberry.type(
            share_annotations(payload_type), description=f"Result of `{to_camel(name)}`."
        )

    async def run(
        self,
        context: Context,
        name: str,
        text: AsyncIterable[str],
        options: ImportOptions,
        *,
        bounds: Bounds = BOUNDS,
        watch: Watch = lambda _: None,
    ) -> Outcome:
        """Write every row, or list the problems and write nothing.

        Args:
            context: of the operation.
            name: of the mutation, in camelCase, for the audit trail.
            text: the portions of the file, which is read to its end before a row is written.
            options: parameters of the import.
            bounds: rows and characters of a file, at most.
            watch: called with the number of rows tried so far.

        Raises:
            Invalid: the file is empty, too long or no CSV.
            DomainError: no row was tried.
        """
        file = await parse(self.model, self.columns, text, options.dialect, bounds)
        defaults = excluded_defaults(self.input, self.excluded)
        make_writer = partial(
            RowWriter, self.create, self.update, self.history, options.duplicates, defaults
        )
        return await Writing(file, make_writer, watch, options).run(context, name)


def _options(data: Any) -> ImportOptions:
    """Return the options that the input of a mutation names.

    Raises:
        Invalid: the idempotency key breaks its rule.
    """
    form: dict[str, Any] = {part: getattr(data, part) or None for part in _FORM}
    dialect = CsvDialect(**form)
    key = key_of(data.idempotency_key or None)
    return ImportOptions(data.is_dry_run, dialect, key, data.duplicates)


def csv_import(
    create: Command,
    *,
    names: Mapping[str, NameLoader],
    relations: Mapping[str, str] | None = None,
    excluded: Collection[str] = (),
    update: Command | None = None,
    history: History | None = None,
) -> CsvImport:
    """Declare an import (`CsvImport`); its mutation is named after the variable that holds it."""
    never = NEVER_IN_FILES.union(excluded)
    return CsvImport(create, names, relations or {}, never, update, history)


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
