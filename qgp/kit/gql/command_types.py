"""GraphQL types of a mutation: its input, and the payload with the resolvers of its fields."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import strawberry

from qgp.kit.gql.annotations import share_annotations
from qgp.kit.gql.bounds import plain_list
from qgp.kit.gql.command_inputs import CommandInput
from qgp.kit.gql.connection import Edge
from qgp.kit.gql.connection_fields import edge_of
from qgp.kit.gql.fields import TYPES, Info
from qgp.kit.gql.inputs import arguments
from qgp.kit.gql.payloads import Offer
from qgp.kit.gql.relations import belongs_to
from qgp.kit.gql.user_errors import UserError, errors_field
from qgp.kit.loader import One
from qgp.kit.names import snake, to_pascal, words

if TYPE_CHECKING:
    from qgp.kit.gql.command import Command

_PRIVATE: Any = strawberry.Private
RECORD_ID = "record_id"  # attribute of a payload: the record that it shows


class PayloadFields:
    """Fields of a payload type, collected before the type is made."""

    def __init__(self) -> None:
        self.annotations: dict[str, Any] = {}
        self.definitions: dict[str, Any] = {}

    def add(self, name: str, annotation: Any, definition: Any) -> None:
        """Add a field of the schema."""
        self.annotations[name] = annotation
        self.definitions[name] = definition

    def add_private_id(self, name: str) -> None:
        """Add an attribute with the id of a record, which the schema does not show."""
        self.add(name, _PRIVATE[UUID | None], None)

    def make_type(self, name: str, description: str) -> Any:
        """Return the GraphQL type with these fields."""
        body = {"__annotations__": self.annotations, **self.definitions}
        return strawberry.type(share_annotations(type(name, (), body)), description=description)


def input_type_of(command: "Command", mutation: str) -> Any:
    """Return the input type of a mutation, named after it.

    Args:
        command: its declaration.
        mutation: the field's name, in camelCase.
    """
    declared: Any = command.input
    if isinstance(declared, CommandInput):
        kind = TYPES[command.model].__name__
        return declared.named(to_pascal(mutation), kind, command.model.prefix)
    declared.__strawberry_definition__.name = f"{to_pascal(mutation)}Input"
    return declared


def payload_type(command: "Command", mutation: str) -> Any:
    """Return the payload type: the record, what the command offers beside it, and the errors.

    Args:
        command: its declaration.
        mutation: the field's name, in camelCase.
    """
    fields, result = PayloadFields(), command.result
    kind = TYPES[command.model]
    record = snake(kind.__name__)
    fields.add_private_id(RECORD_ID)
    fields.add(record, kind | None, belongs_to(result, record_description(kind), key=RECORD_ID))
    fields.add(
        "errors",
        list[UserError],
        errors_field("Reasons why nothing was changed; empty on success."),
    )
    if command.creates:
        edge: Any = Edge[kind]  # type: ignore[valid-type]  # a class
        fields.add(f"{record}_edge", edge | None, _edge_field(result))
    for name, offer in command.offers.items():
        _add_offer(fields, name, offer, result)
    if command.deletes:
        description = "Id of the deleted record; null where nothing was changed."
        deleted_id = strawberry.field(default=None, description=description)
        fields.add("deleted_id", strawberry.ID | None, deleted_id)
    return fields.make_type(f"{to_pascal(mutation)}Payload", f"Result of `{mutation}`.")


def record_description(kind: type[Any]) -> str:
    """Describe the record in a payload, also of a refused mutation."""
    return (
        f"The {words(kind.__name__)} after the mutation; null where there is none, or where it is "
        "hidden from you."
    )


def payload_fields_of_input(command: "Command", data: Any) -> dict[str, Any]:
    """Return the payload's attributes that a successful command takes from its input.

    Args:
        command: its declaration.
        data: the input object.
    """
    records = {name: offer for name, offer in command.offers.items() if offer.record}
    values = arguments(data) if records else {}
    fields = {_id_attribute(name): values[offer.names] for name, offer in records.items()}
    return {**fields, "deleted_id": data.id} if command.deletes else fields


def _add_offer(fields: PayloadFields, name: str, offer: Offer, result: One[Any]) -> None:
    if offer.most is not None:
        fields.add(name, offer.kind | None, plain_list(offer.description, offer.most, default=None))
    elif offer.is_answer:
        definition = strawberry.field(default=None, description=offer.description)
        fields.add(name, offer.kind | None, definition)
    elif offer.record is None:
        definition = strawberry.field(_offer_resolver(result, offer), description=offer.description)
        fields.add(name, offer.kind | None, definition)
    else:
        fields.add_private_id(_id_attribute(name))
        related = belongs_to(offer.record, offer.description)
        fields.add(name, TYPES[offer.record.model] | None, related)


def _id_attribute(name: str) -> str:
    """Return the attribute of a payload that holds the id of its second record."""
    return f"{name}_id"


async def _load_record(root: Any, info: Info, result: One[Any]) -> Any:
    return None if root.record_id is None else await info.context.load(result, root.record_id)


def _edge_field(result: One[Any]) -> Any:
    async def resolve(root: Any, info: Info) -> Any:
        node = await _load_record(root, info, result)
        return None if node is None else await edge_of(info.context, node)

    description = "The new edge, with its cursor in the list without filter and order."
    return strawberry.field(resolve, description=description)


def _offer_resolver(result: One[Any], offer: Offer) -> Callable[[Any, Info], Any]:
    async def resolve(root: Any, info: Info) -> Any:
        node = await _load_record(root, info, result)
        return None if node is None or offer.make is None else offer.make(info.context, node)

    return resolve
