"""Mutations that put many rows through one command, and answer row by row.

A row that is refused leaves the others alone. One idempotency key stands for the whole: sent again
with the same input, what was done stays done once, and what was refused is tried again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Annotated, Any
from uuid import UUID

import orjson
import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.errors import DomainError, TooLong, max_items
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.command import Command, titled
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import TYPES, Info, belongs_to
from qgp.kit.gql.inputs import RefusedInput, arguments, explaining_nulls, parameters
from qgp.kit.gql.malformed import errors_in
from qgp.kit.gql.retries import retried
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.user_errors import UserError, errors_field, to_user_error, user_errors
from qgp.kit.idempotency import Mark, once
from qgp.kit.names import snake, to_camel
from qgp.kit.policy import audience
from qgp.kit.work import Work

MOST_ROWS = 100
_PRIVATE: Any = strawberry.Private
Values = dict[str, Any]
Answer = tuple[UUID | None, Sequence[DomainError]]


@dataclass(frozen=True, eq=False)
class Bulk:
    """One mutation on many records.

    Attributes:
        each: what every row is put through, in a unit of work of its own.
        input: the input type.
        rows: its field with the rows, ids or inputs, which may hold an `id`; other fields go to
            each.
    """

    each: Command
    input: type
    rows: str
    description: str

    def field(self, name: str) -> StrawberryField:
        """Return the root field; payload and results are named after it."""
        result = self._result(name)
        payload = self._payload(name, result)
        input_type = explaining_nulls(self.input)
        Asked: Any = Annotated[input_type, parameters(to_camel(name))]  # noqa: N806

        async def resolve(info: Info, input: Asked) -> Any:
            try:
                rows, answers = await self._run(info.context, to_camel(name), input)
            except RefusedInput as refused:
                return payload(results=[], errors=user_errors(refused.errors))
            except DomainError as error:
                return payload(results=[], errors=[to_user_error(error)])
            results = [
                result(**self._named(row), record_id=id, errors=user_errors(errors))
                for row, (id, errors) in zip(rows, answers, strict=True)
            ]
            return payload(results=results, errors=[])

        made = strawberry.mutation(
            resolve,
            name=to_camel(name),
            graphql_type=payload | None,
            description=f"{self.description} {audience(self.each.permission.roles)}".rstrip(),
            extensions=[Requires(self.each.permission)],
            metadata={DECLARED: self},
        )
        made.python_name = name
        return made

    @property
    def _has_ids(self) -> bool:
        """Whether rows are sent with the ids of what they change."""
        kinds: dict[str, Any] = {part.name: part.type for part in fields(self.input)}
        kind = kinds[self.rows].of_type
        return not is_dataclass(kind) or any(part.name == "id" for part in fields(kind))

    def _named(self, row: Any) -> dict[str, Any]:
        return {"id": _public(row)} if self._has_ids else {}

    def _result(self, name: str) -> Any:
        kind = TYPES[self.each.model]
        own = snake(kind.__name__)
        hints: dict[str, Any] = {
            "record_id": _PRIVATE[UUID | None],
            own: kind | None,
            "errors": list[UserError],
        }
        now = "The record as it stands now; null if hidden."
        body: dict[str, Any] = {
            own: belongs_to(self.each.result, now, key="record_id"),
            "errors": errors_field("Why this row was not done; empty on success."),
        }
        if self._has_ids:
            hints["id"] = strawberry.ID | None
            sent = "The id that you sent; null if it is none."
            body["id"] = strawberry.field(description=sent)
        made = type(f"{titled(name)}Result", (), {"__annotations__": hints, **body})
        return strawberry.type(made, description=f"What `{to_camel(name)}` did with one row.")

    def _payload(self, name: str, result: Any) -> Any:
        hints: dict[str, Any] = {"results": list[result], "errors": list[UserError]}
        body: dict[str, Any] = {
            "results": plain_list("One for each row that you sent, in order.", MOST_ROWS),
            "errors": errors_field("Why no row was tried; empty where each has its own result."),
        }
        made = type(f"{titled(name)}Payload", (), {"__annotations__": hints, **body})
        return strawberry.type(made, description=f"What `{to_camel(name)}` returns.")

    async def _run(
        self, context: Context, name: str, data: Any
    ) -> tuple[Sequence[Any], Sequence[Answer]]:
        """Return the rows as they were asked for, and what became of each.

        Raises:
            RefusedInput: none was tried, because of what goes to each.
            DomainError: none was tried.
        """
        try:
            common = arguments(data, unread=self.rows)
        except RefusedInput as refused:
            malformed = errors_in(getattr(data, self.rows), to_camel(self.rows))
            raise RefusedInput([*refused.errors, *malformed]) from None
        key, rows = common.pop("idempotency_key", None), common.pop(self.rows)
        if len(rows) > MOST_ROWS:
            told = f"Send at most {MOST_ROWS} rows at once; these are {len(rows)}."
            raise TooLong(told, to_camel(self.rows), constraint=max_items(MOST_ROWS))
        batch = None if key is None else await _batch(context, name, key, common, rows)
        answers = []
        for index, row in enumerate(rows):
            own = {} if batch is None else {"idempotency_key": f"{batch.hex}/{index}"}
            answers.append(await self._row(context, name, common | own, index, row))
        return rows, answers

    async def _row(
        self, context: Context, name: str, common: Values, index: int, row: Any
    ) -> Answer:
        id: UUID | None = None
        errors: Sequence[DomainError]
        try:
            values = common | self._asked(row)
        except RefusedInput as refused:
            errors = refused.errors
        except DomainError as error:
            errors = [error]
        else:
            id, errors = await self.each.perform(context, name, values)
        is_input = not isinstance(row, str)
        return id, [self._placed(error, index, is_input=is_input) for error in errors]

    def _asked(self, row: Any) -> Values:
        """Return what the row alone says."""
        if isinstance(row, str):
            return {"id": ids.decode(self.each.model.prefix, row, "id")}
        return arguments(row)

    def _placed(self, error: DomainError, index: int, *, is_input: bool) -> DomainError:
        """Let the error say which row it is about, unless its place is common to all."""
        shared = {part.name for part in fields(self.input)}
        if error.path and snake(error.path[0]) not in shared:
            within = error.path if is_input else error.path[1:]
            error.path = (to_camel(self.rows), str(index), *within)
        return error


def _public(row: Any) -> strawberry.ID | None:
    """Return the id that a row was sent with, if it is one."""
    text = row if isinstance(row, str) else row.id
    try:
        ids.split(text, "id")
    except DomainError:
        return None
    return strawberry.ID(text)


async def _batch(context: Context, name: str, key: str, *asked: Any) -> UUID:
    """Return what the rows' own keys are made of: the same whenever the same is sent again."""
    print_ = name + orjson.dumps(asked, option=orjson.OPT_SORT_KEYS, default=str).decode()

    async def take(work: Work) -> UUID:
        return await once(work, key, print_, Mark.make)

    return await retried(context, name, take)


def bulk(each: Command, *, input: type, rows: str, description: str) -> Bulk:
    """Declare a mutation that runs a command row by row; it is named after its variable.

    Raises:
        ValueError: the command is signed, and a signature is for one record.
    """
    if each.is_signed:
        raise ValueError("nobody signs in bulk")
    return Bulk(each, input, rows, description)
