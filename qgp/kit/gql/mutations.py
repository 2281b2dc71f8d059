"""Mutations whose payload shows no record: fields of its own and the errors."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit.errors import DomainError
from qgp.kit.gql.fields import Info
from qgp.kit.gql.inputs import parameters
from qgp.kit.gql.malformed import errors_in
from qgp.kit.gql.roots import Public, Requires
from qgp.kit.gql.user_errors import UserError, errors_field, to_user_error
from qgp.kit.names import to_camel
from qgp.kit.policy import Permission


@strawberry.type
class Payload:
    """Errors of a mutation, published under the names of its subclasses."""

    errors: list[UserError] = errors_field("Errors; empty on success.")


@dataclass(frozen=True, eq=False)
class Mutation:
    """One mutation, which opens its transactions itself.

    Attributes:
        act: takes the operation, and the input where there is one; returns the payload's fields
            by name, without `errors`.
        payload: its type; on refusal all fields but `errors` are null.
        input: the input type; None for a mutation without arguments.
        permission: the permission that the caller must hold; None for anonymous callers as well.
    """

    act: Callable[..., Awaitable[Mapping[str, Any]]]
    payload: type[Payload]
    description: str
    input: type | None
    permission: Permission | None

    def field(self, name: str) -> StrawberryField:
        """Return the root field, whose name in snake case is `name`."""
        Input: Any = Annotated[self.input, parameters(to_camel(name))]  # noqa: N806 - a type

        async def resolve(info: Info, input: Input) -> Payload:
            return await self._run(info, input)

        async def resolve_without_input(info: Info) -> Payload:
            return await self._run(info)

        guard = Public() if self.permission is None else Requires(self.permission)
        root_field = strawberry.mutation(
            resolve if self.input else resolve_without_input,
            name=to_camel(name),
            graphql_type=self.payload | None,
            description=self.description,
            extensions=[guard],
        )
        root_field.python_name = name
        return root_field

    async def _run(self, info: Info, *input: Any) -> Payload:
        if malformed := [error for each in input for error in errors_in(each)]:
            return self._refused(malformed)
        try:
            return self.payload(**await self.act(info.context, *input), errors=[])
        except DomainError as error:
            return self._refused([error])

    def _refused(self, errors: Sequence[DomainError]) -> Payload:
        values: dict[str, Any] = dict.fromkeys(field.name for field in fields(self.payload))
        return self.payload(**values | {"errors": [to_user_error(each) for each in errors]})


def mutation(
    act: Callable[..., Awaitable[Mapping[str, Any]]],
    *,
    payload: type[Payload],
    description: str,
    input: type | None = None,
    permission: Permission | None,
) -> Mutation:
    """Declare a mutation without a record; it takes its name from the variable that holds it.

    Args:
        act: see `Mutation`; so are the others.
    """
    return Mutation(act, payload, description, input, permission)
