"""Bulk mutations: one command for many rows, with a result for each row.

A refused row leaves the others alone. One idempotency key covers the whole request: sent again with
the same input, rows that succeeded are not repeated, and refused ones are tried again.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, fields, replace
from typing import Annotated, Any
from uuid import UUID

import orjson
import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit import ids
from qgp.kit.command_result import Result
from qgp.kit.context import Context
from qgp.kit.errors import DomainError, TooLong, max_items
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.command import Command
from qgp.kit.gql.command_execution import execute
from qgp.kit.gql.command_inputs import ROWS, CommandInput
from qgp.kit.gql.command_types import PayloadFields, record_description
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import TYPES, Info
from qgp.kit.gql.inputs import RefusedInput, arguments, explaining_nulls, parameters
from qgp.kit.gql.malformed import errors_in
from qgp.kit.gql.relations import belongs_to
from qgp.kit.gql.retries import retried
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.user_errors import UserError, errors_field, to_user_error, user_errors
from qgp.kit.idempotency import BatchOutcome, once
from qgp.kit.names import snake, to_camel, to_pascal
from qgp.kit.work import Work

MOST_ROWS = 100
Values = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Bulk:
    """One mutation on many records.

    Attributes:
        each: the command that is executed for every row, in a unit of work of its own.
        description: a verb and its object, preconditions, effect.
        shared: the fields of the command's input that hold for every row.
        input: the input type; None for the one that follows from the command's input, with `items`
            of id, expected version and the fields that are not shared.
        rows: the input's field with the rows, which may have an `id`. The other fields hold for
            every row.
    """

    each: Command
    description: str
    shared: Collection[str] = ()
    input: Any = None
    rows: str = ROWS

    def field(self, name: str) -> StrawberryField:
        """Return the root field; payload and results are named after it.

        Args:
            name: in snake case.
        """
        mutation = to_camel(name)
        if self.input is None:
            return replace(self, input=self._derived_input(mutation)).field(name)
        result_type = self._result_type(mutation)
        payload = self._payload_type(mutation, result_type)
        input_type = explaining_nulls(self.input)
        Input: Any = Annotated[input_type, parameters(mutation)]  # noqa: N806 - a type

        async def resolve(info: Info, input: Input) -> Any:
            try:
                rows, results = await self._run(info.context, mutation, input)
            except RefusedInput as refused:
                return payload(results=[], errors=user_errors(refused.errors))
            except DomainError as error:
                return payload(results=[], errors=[to_user_error(error)])
            shown = [
                result_type(
                    **self._id_of(row),
                    record_id=result.record_id,
                    errors=user_errors(result.errors),
                )
                for row, result in zip(rows, results, strict=True)
            ]
            return payload(results=shown, errors=[])

        root_field = strawberry.mutation(
            resolve,
            name=mutation,
            graphql_type=payload | None,
            description=f"{self.description} {self.each.audience_text}".rstrip(),
            extensions=[Requires(self.each.permission)],
            metadata={DECLARED: self},
        )
        root_field.python_name = name
        return root_field

    @property
    def _has_ids(self) -> bool:
        """Whether rows have the ids of the records that they change."""
        kinds: dict[str, Any] = {part.name: part.type for part in fields(self.input)}
        return any(part.name == "id" for part in fields(kinds[self.rows].of_type))

    def _derived_input(self, mutation: str) -> type:
        assert isinstance(self.each.input, CommandInput)
        kind, prefix = TYPES[self.each.model].__name__, self.each.model.prefix
        return self.each.input.of_rows(to_pascal(mutation), kind, prefix, self.shared)

    def _id_of(self, row: Any) -> dict[str, Any]:
        return {"id": _valid_id(row)} if self._has_ids else {}

    def _result_type(self, mutation: str) -> Any:
        kind, result = TYPES[self.each.model], PayloadFields()
        record = belongs_to(self.each.result, record_description(kind), key="record_id")
        errors = errors_field("Reasons why this row was refused; empty on success.")
        result.add_private_id("record_id")
        result.add(snake(kind.__name__), kind | None, record)
        result.add("errors", list[UserError], errors)
        if self._has_ids:
            sent = "The id that you sent; null where it is not an id of this API."
            result.add("id", strawberry.ID | None, strawberry.field(description=sent))
        return result.make_type(
            f"{to_pascal(mutation)}Result", f"Result of `{mutation}` for one row."
        )

    def _payload_type(self, mutation: str, result_type: Any) -> Any:
        payload = PayloadFields()
        results = plain_list("One result for each row that you sent, in order.", MOST_ROWS)
        errors = errors_field("Reasons why no row was tried; empty where each row has a result.")
        payload.add("results", list[result_type], results)
        payload.add("errors", list[UserError], errors)
        return payload.make_type(f"{to_pascal(mutation)}Payload", f"Result of `{mutation}`.")

    async def _run(
        self, context: Context, mutation: str, data: Any
    ) -> tuple[Sequence[Any], Sequence[Result]]:
        """Return the rows as they were sent, and the result of each.

        Raises:
            RefusedInput: a common field is malformed; no row was tried.
            DomainError: no row was tried.
        """
        try:
            common = arguments(data, unread=self.rows)
        except RefusedInput as refused:
            malformed = errors_in(getattr(data, self.rows), to_camel(self.rows))
            raise RefusedInput([*refused.errors, *malformed]) from None
        key, rows = common.pop("idempotency_key", None), common.pop(self.rows)
        if len(rows) > MOST_ROWS:
            message = f"Send at most {MOST_ROWS} rows at once; these are {len(rows)}."
            raise TooLong(message, to_camel(self.rows), constraint=max_items(MOST_ROWS))
        batch = None if key is None else await _batch_id(context, mutation, key, common, rows)
        results = []
        for index, row in enumerate(rows):
            row_key = {} if batch is None else {"idempotency_key": f"{batch.hex}/{index}"}
            results.append(await self._run_row(context, mutation, common | row_key, index, row))
        return rows, results

    async def _run_row(
        self, context: Context, mutation: str, common: Values, index: int, row: Any
    ) -> Result:
        try:
            values = common | arguments(row)
        except RefusedInput as refused:
            result = Result(errors=refused.errors)
        except DomainError as error:
            result = Result(errors=[error])
        else:
            result = await execute(self.each, context, mutation, values)
        errors = [self._located(error, index) for error in result.errors]
        return replace(result, errors=errors)

    def _located(self, error: DomainError, index: int) -> DomainError:
        """Put the row into the error's path, unless the path names a common field."""
        common = {part.name for part in fields(self.input)}
        if error.path and snake(error.path[0]) not in common:
            error.path = (to_camel(self.rows), str(index), *error.path)
        return error


def _valid_id(row: Any) -> strawberry.ID | None:
    """Return the id that a row was sent with; None where it is malformed."""
    try:
        ids.split(row.id, "id")
    except DomainError:
        return None
    return strawberry.ID(row.id)


async def _batch_id(context: Context, mutation: str, key: str, *values: Any) -> UUID:
    """Return the id that the rows' keys are made of: the same for the same key and input."""
    content = orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str).decode()

    async def take(work: Work) -> UUID:
        return await once(work, key, mutation + content, BatchOutcome.make)

    return await retried(context, mutation, take)


def bulk(
    each: Command,
    *,
    description: str,
    shared: Collection[str] = (),
    input: type | None = None,
    rows: str = ROWS,
) -> Bulk:
    """Declare a mutation that runs a command row by row; it is named after its variable.

    Args:
        each: see `Bulk`; so are the others.

    Raises:
        ValueError: the command is signed, and a signature is for one record.
    """
    if each.is_signed:
        raise ValueError("a bulk command takes no signature")
    return Bulk(each, description, shared, input, rows)
