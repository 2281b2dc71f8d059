"""Mutations as values: who may, what goes in, which service acts, what comes back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

import orjson
import strawberry
from strawberry.types.field import StrawberryField

from qgp.kit import ids
from qgp.kit.context import Context
from qgp.kit.errors import Conflict, DomainError, StaleVersion, TransitionNotAllowed
from qgp.kit.gql.command_inputs import CommandInput
from qgp.kit.gql.connection import Edge
from qgp.kit.gql.connection_fields import edge_of
from qgp.kit.gql.declarations import DECLARED
from qgp.kit.gql.fields import TYPES, Info, belongs_to
from qgp.kit.gql.inputs import (
    RefusedInput,
    SignatureInput,
    arguments,
    explaining_nulls,
    parameters,
)
from qgp.kit.gql.payloads import ADDED, Offer
from qgp.kit.gql.retries import retried
from qgp.kit.gql.roots import Requires
from qgp.kit.gql.user_errors import UserError, errors_field, user_errors
from qgp.kit.idempotency import once
from qgp.kit.loader import One
from qgp.kit.model import Record
from qgp.kit.names import snake, to_camel
from qgp.kit.policy import PERMISSIONS, Permission, audience
from qgp.kit.security_log import log_refusal
from qgp.kit.signing import Meaning, Signing
from qgp.kit.subjects import Subject
from qgp.kit.visibility import NODES
from qgp.kit.work import Work

NOTHING_FURTHER = CommandInput()
_PRIVATE: Any = strawberry.Private


@dataclass(frozen=True, eq=False)
class Command:
    """One mutation.

    Attributes:
        act: the service function; takes the unit of work and the input's fields.
        input: the input type, which is named after the mutation, or the fields of one.
        right: what the caller must be allowed, or its name where another module declares it.
        model: the record of the payload; its type names the payload's field.
        creates: whether the payload offers the new edge too.
        offers: further fields of the payload, by name.
        deletes: whether the record is gone afterwards, and the payload tells its id.
        audience: who may, in sentences, where the roles of the right do not tell all.
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
        """Return the root field; the payload is named after it."""
        payload = self._payload(name)
        input_type = explaining_nulls(self._input_type(name))
        Asked: Any = Annotated[input_type, parameters(to_camel(name))]  # noqa: N806

        async def resolve(info: Info, input: Asked) -> Any:
            id, errors = await self._run(info.context, to_camel(name), input)
            further = {} if errors else self._named(input)
            return payload(record_id=id, errors=user_errors(errors), **further)

        made = strawberry.mutation(
            resolve,
            name=to_camel(name),
            graphql_type=payload | None,
            description=f"{self.description} {self._audience}".rstrip(),
            extensions=[Requires(self.permission)],
            metadata={DECLARED: self},
        )
        made.python_name = name
        return made

    @property
    def permission(self) -> Permission:
        """What the caller must be allowed.

        Raises:
            KeyError: no module declares a permission of that name.
        """
        return PERMISSIONS[self.right] if isinstance(self.right, str) else self.right

    @property
    def result(self) -> One[Any]:
        """The loader that reads the record afresh for the payload."""
        return NODES[self.model.prefix]

    def _input_type(self, name: str) -> Any:
        declared: Any = self.input
        if isinstance(declared, CommandInput):
            return declared.named(titled(name), TYPES[self.model].__name__, self.model.prefix)
        declared.__strawberry_definition__.name = f"{titled(name)}Input"
        return declared

    def _named(self, data: Any) -> dict[str, Any]:
        """Return what the payload takes from the input of a command that succeeded."""
        records = {name: offer for name, offer in self.offers.items() if offer.record}
        values = arguments(data) if records else {}
        named = {_key(name): values[offer.names] for name, offer in records.items()}
        return {**named, "deleted_id": data.id} if self.deletes else named

    @property
    def _audience(self) -> str:
        return audience(self.permission.roles) if self.audience is None else self.audience

    @property
    def is_signed(self) -> bool:
        """Whether it takes a signature, and so a password."""
        if isinstance(self.input, CommandInput):
            return self.input.signature is not None
        return "signature" in self.input.__annotations__

    @property
    def _own(self) -> str:
        """Name of the payload's field for the record."""
        return snake(TYPES[self.model].__name__)

    def _payload(self, name: str) -> Any:
        kind, record_field = TYPES[self.model], self._own
        hints: dict[str, Any] = {
            "record_id": _PRIVATE[UUID | None],
            record_field: kind | None,
            "errors": list[UserError],
        }
        now = "The record as it stands now; null if hidden."
        body: dict[str, Any] = {
            record_field: belongs_to(self.result, now, key="record_id"),
            "errors": errors_field("Why nothing was changed; empty on success."),
        }
        if self.creates:
            edge = f"{record_field}_edge"
            hints[edge] = Edge[kind] | None  # type: ignore[valid-type]  # a class
            where = "The new edge, with its cursor in the list without filter and order."
            body[edge] = strawberry.field(_edge_of(self.result), description=where)
        for extra, offer in (self.offers | ADDED.get(to_camel(name), {})).items():
            if offer.record is None:
                hints[extra] = offer.kind | None
                resolve = _offered(self.result, offer)
                body[extra] = strawberry.field(resolve, description=offer.description)
            else:
                hints |= {_key(extra): _PRIVATE[UUID | None]}
                hints[extra] = TYPES[offer.record.model] | None
                body |= {_key(extra): None, extra: belongs_to(offer.record, offer.description)}
        if self.deletes:
            hints["deleted_id"] = strawberry.ID | None
            gone = "Id of the record that is gone; null where nothing was changed."
            body["deleted_id"] = strawberry.field(default=None, description=gone)
        made = type(f"{titled(name)}Payload", (), {"__annotations__": hints, **body})
        return strawberry.type(made, description=f"What `{to_camel(name)}` returns.")

    async def _run(
        self, context: Context, name: str, data: Any
    ) -> tuple[UUID | None, Sequence[DomainError]]:
        try:
            values = arguments(data)
        except RefusedInput as refused:
            return None, refused.errors
        return await self.perform(context, name, values)

    async def perform(
        self, context: Context, name: str, values: dict[str, Any]
    ) -> tuple[UUID | None, Sequence[DomainError]]:
        """Act in a unit of work; return the record to show, and why nothing was changed.

        Args:
            name: of the mutation, for the trail.
            values: the arguments of the service function, and the idempotency key.
        """
        wanted: UUID | None = values.get("id")
        offered: SignatureInput | None = values.pop("signature", None)
        try:
            if offered is not None:
                await context.services[Signing].prove(context, name, offered.password)
            meaning = None if offered is None else offered.meaning
            return await self._attempt(context, name, values, meaning), []
        except DomainError as error:
            await log_refusal(context, name, error, self._record_named(values))
            return _standing(error, wanted), [error]

    def _record_named(self, values: Mapping[str, Any]) -> str | None:
        """Return the public id of the record that the input names, if it names one."""
        if (id := values.get("id")) is not None:
            return ids.encode(self.model.prefix, id)
        subjects = (value for value in values.values() if isinstance(value, Subject))
        return next((ids.encode(one.kind, one.id) for one in subjects), None)

    async def _attempt(
        self, context: Context, name: str, values: dict[str, Any], meaning: Meaning | None
    ) -> UUID:
        key = values.pop("idempotency_key", None)
        print_ = name + orjson.dumps(values, option=orjson.OPT_SORT_KEYS, default=str).decode()

        print_ += meaning or ""  # of the password nothing is kept

        async def act(work: Work) -> UUID:
            work.signature = meaning
            return await once(work, key, print_, lambda: self._act(work, values))

        return await retried(context, name, act)

    async def _act(self, work: Work, values: dict[str, Any]) -> Record:
        return await self.act(work, **values)


def _standing(error: DomainError, id: UUID | None) -> UUID | None:
    """Return the record that the payload of a refused command shows, if it shows one."""
    match error:
        case StaleVersion() | TransitionNotAllowed():
            return id
        case Conflict(stands=stands):
            return stands
    return None


def titled(name: str) -> str:
    """Return how the types of the mutation begin."""
    return to_camel(name)[0].upper() + to_camel(name)[1:]


def _key(name: str) -> str:
    """Name the attribute of a payload that holds the id of its second record."""
    return f"{name}_id"


async def _record(root: Any, info: Info, result: One[Any]) -> Any:
    return None if root.record_id is None else await info.context.load(result, root.record_id)


def _edge_of(result: One[Any]) -> Callable[[Any, Info], Any]:
    async def resolve(root: Any, info: Info) -> Any:
        node = await _record(root, info, result)
        if node is None:
            return None
        return await edge_of(info.context, node)

    return resolve


def _offered(result: One[Any], offer: Offer) -> Callable[[Any, Info], Any]:
    async def resolve(root: Any, info: Info) -> Any:
        node = await _record(root, info, result)
        return None if node is None or offer.make is None else offer.make(info.context, node)

    return resolve


def command(
    act: Callable[..., Awaitable[Record]],
    *,
    input: type | CommandInput = NOTHING_FURTHER,
    permission: Permission | str,
    result: One[Any],
    description: str,
    creates: bool = False,
    offers: dict[str, Offer] | None = None,
    deletes: bool = False,
) -> Command:
    """Declare a mutation; it takes its name from the variable that holds it.

    Args:
        input: the input type; without one, a record's id and version.
        permission: a permission of this module, or the name of another module's.
    """
    more = (offers or {}, deletes)
    return Command(act, input, permission, result.model, description, creates, *more)
