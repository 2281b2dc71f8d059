"""Declaration of a mutation: permission, input, service function and payload."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated, Any

import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit.gql.command_execution import run
from qgp.kit.gql.command_inputs import CommandInput
from qgp.kit.gql.command_types import (
    input_type_of,
    payload_fields_of_input,
    payload_type,
)
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import Info
from qgp.kit.gql.inputs import explaining_nulls, parameters
from qgp.kit.gql.payloads import Offer
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.user_errors import user_errors
from qgp.kit.loader import One
from qgp.kit.model import Record
from qgp.kit.names import to_camel
from qgp.kit.policy import PERMISSIONS, Permission, audience
from qgp.kit.visibility import NODES

ID_AND_VERSION = CommandInput()


@dataclass(frozen=True, eq=False)
class Command:
    """One mutation.

    Attributes:
        act: the service function; takes the unit of work and the input's fields.
        input: the input type, which is named after the mutation, or the fields of one.
        right: the permission that the caller must hold, or its name where another module declares
            it.
        model: the record of the payload; its type names the payload's field.
        creates: whether the payload also offers the new edge.
        offers: further fields of the payload, by name.
        deletes: whether the command deletes the record; the payload then returns its id.
        audience: the people that the mutation is for, in sentences; None where the roles of the
            permission say it all.
    """

    act: Callable[..., Awaitable[Record]]
    input: type | CommandInput
    right: Permission | str
    model: type[Record]
    description: str
    creates: bool = False
    offers: dict[str, Offer] = field(default_factory=dict)
    deletes: bool = False
    audience: str | None = None

    def field(self, name: str) -> StrawberryField:
        """Return the root field; input and payload are named after it.

        Args:
            name: in snake case.
        """
        mutation = to_camel(name)
        payload = payload_type(self, mutation)
        input_type = explaining_nulls(input_type_of(self, mutation))
        Input: Any = Annotated[input_type, parameters(mutation)]  # noqa: N806 - a type

        async def resolve(info: Info, input: Input) -> Any:
            result = await run(self, info.context, mutation, input)
            further = {} if result.errors else payload_fields_of_input(self, input)
            errors = user_errors(result.errors)
            return payload(record_id=result.record_id, errors=errors, **result.answers, **further)

        root_field = strawberry.mutation(
            resolve,
            name=mutation,
            graphql_type=payload | None,
            description=f"{self.description} {self.audience_text}".rstrip(),
            extensions=[Requires(self.permission)],
            metadata={DECLARED: self},
        )
        root_field.python_name = name
        return root_field

    @property
    def permission(self) -> Permission:
        """The permission that the caller must hold.

        Raises:
            KeyError: no module declares a permission of that name.
        """
        return PERMISSIONS[self.right] if isinstance(self.right, str) else self.right

    @property
    def result(self) -> One[Any]:
        """The loader that reads the record afresh for the payload."""
        return NODES[self.model.prefix]

    @property
    def is_signed(self) -> bool:
        """Whether the input has a signature, and so a password."""
        if isinstance(self.input, CommandInput):
            return self.input.signature is not None
        return "signature" in self.input.__annotations__

    @property
    def audience_text(self) -> str:
        """The people that the mutation is for, in sentences."""
        return audience(self.permission.roles) if self.audience is None else self.audience


def command(
    act: Callable[..., Awaitable[Record]],
    *,
    input: type | CommandInput = ID_AND_VERSION,
    permission: Permission | str,
    result: One[Any],
    description: str,
    creates: bool = False,
    offers: dict[str, Offer] | None = None,
    deletes: bool = False,
) -> Command:
    """Declare a mutation; it takes its name from the variable that holds it.

    Args:
        act: see `Command`; so are `creates`, `offers` and `deletes`.
        input: the input type; without one, a record's id and version.
        permission: a permission of this module, or the name of another module's.
        result: the loader of the record that the payload shows.
        description: a verb and its object, preconditions, effect.
    """
    return Command(
        act=act,
        input=input,
        right=permission,
        model=result.model,
        description=description,
        creates=creates,
        offers=offers or {},
        deletes=deletes,
    )
