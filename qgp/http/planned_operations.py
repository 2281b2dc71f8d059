"""Planned operations of HTTP requests: answered by plans, without graphql-core."""

from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol
from uuid import UUID

from starlette.types import Scope
from strawberry.types import ExecutionResult

from qgp.http.client_address import host_of
from qgp.http.parameters import Parameters
from qgp.http.public_address import address_of
from qgp.http.request_cache import ParsedRequest, RequestCache
from qgp.http.request_head import RequestHead
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.http.schema import LimitedSchema
from qgp.kit.fair_queue import Slot
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import SignedIn

EXPLAIN = b"x-qgp-explain"  # the request header, with the value `plan`
Show = Callable[[object], Awaitable[ExecutionResult]]


@dataclass(frozen=True, slots=True)
class Caller:
    """Caller whose sign-in is cached.

    Attributes:
        log_fields: the caller's fields of the access log, `organization` and `user`.
    """

    signed_in: SignedIn
    log_fields: Mapping[str, Any]

    @property
    def user_id(self) -> UUID:
        """Id of the signed-in user."""
        return self.signed_in.principal.user_id


class Origin(NamedTuple):
    """Origin of a request.

    Attributes:
        request_id: id of the request.
        host: address of the client, as trusted proxies forward it; empty if unknown.
        public_url: address of the server as the client knows it, without a path.
    """

    request_id: str
    host: str
    public_url: str


def origin_of(scope: Scope) -> Origin:
    """Return the origin of an ASGI request, whose id the request middleware has assigned."""
    return Origin(scope["state"]["request_id"], host_of(scope), address_of(scope))


class PlannedOperation(NamedTuple):
    """Operation that passes every check, of a caller whose sign-in is cached."""

    operation: Operation
    cost: int
    parameters: Parameters
    caller: Caller
    explain: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """Result of the resolvers, which show the outcome of a command.

    Attributes:
        extensions: entries of `extensions`, beside `cost`.
    """

    result: ExecutionResult
    extensions: Mapping[str, Any]


class PlannedReader(Protocol):
    """Reads the data of queries without executing them.

    It gets only queries that are within the limits and valid for every caller. What it cannot
    answer, or fails to, is executed by the resolvers, which word the error.
    """

    def caller(self, authorization: str) -> Caller | None:
        """Return the caller whom the header identifies, without any I/O; None if not cached."""
        ...

    def read_without_io(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Answered | None:
        """Return the data of a query that reads no rows, without any I/O, or None."""
        ...

    def execution_key(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Hashable | None:
        """Return the key of a query, equal for those whose data one execution reads.

        None if it has none. Without any I/O.
        """
        ...

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        """Return the present data; None, or an answer without data, if it cannot.

        The reader checks that the caller's sign-in is still in force.

        Args:
            explain: whether the extensions say how the query was read.
        """
        ...


class PlannedWriter(Protocol):
    """Executes the commands of mutations, each at most once.

    It gets mutations as a `PlannedReader` gets queries.
    """

    def is_command(self, operation: Operation) -> bool:
        """Whether a mutation is one command, without a password, so that it may have a plan."""
        ...

    async def execute(
        self,
        planned: PlannedOperation,
        origin: Origin,
        log_fields: dict[str, Any],
        show: Show,
        committed: Callable[[], None],
    ) -> Answered | Shown | None:
        """Execute the command and return the data, or what the resolvers show.

        None, or an answer without data, if nothing was executed. The transaction of the command
        checks that the caller's sign-in is still in force.

        Args:
            log_fields: fields of the access log, to which those of a result are added.
            show: executes the operation by the resolvers in a context that contains the outcome of
                the command, for a payload that no plan can read.
            committed: is called once the command holds no connection of the pool any more. What
                the resolvers show after it is not admitted again, since it cannot be refused.
        """
        ...


class PlannedOperations:
    """Answers requests by a reader and a writer, where a plan may answer them.

    Args:
        writer: None leaves every mutation to the resolvers.
        explain: whether a caller may ask how a query was read.
    """

    def __init__(
        self,
        schema: LimitedSchema,
        reader: PlannedReader,
        writer: PlannedWriter | None,
        request_cache: RequestCache,
        *,
        explain: bool,
    ) -> None:
        self._schema, self._reader, self._writer = schema, reader, writer
        self._request_cache, self._explain = request_cache, explain

    def find(self, head: RequestHead, request: ParsedRequest) -> PlannedOperation | None:
        """Return the operation of a request, or None where the resolvers have to execute it.

        The caller is identified first: no document is parsed for a token that would be refused.

        Raises:
            Exception: the execution raises the error again, and reports it.
        """
        authorization = head.get(b"authorization")
        if not authorization or (caller := self._reader.caller(authorization)) is None:
            return None
        if (checked := self._request_cache.checked_operation(request)) is None:
            return None
        operation, cost = checked
        if operation.is_mutation and not self._may_execute(head, operation):
            return None
        explain = self._explain and head.get(EXPLAIN) == "plan"
        return PlannedOperation(operation, cost, request.parameters, caller, explain)

    def respond_without_io(
        self, planned: PlannedOperation, builder: ResponseBuilder
    ) -> BufferedResponse | None:
        """Answer without any I/O, or return None."""
        operation = planned.operation
        if planned.explain or operation.is_mutation or not operation.reads_nothing:
            return None
        variables = planned.parameters.variables
        answered = self._reader.read_without_io(operation, variables, planned.caller)
        return None if answered is None else _response(planned, answered, builder)

    def execution_key(self, planned: PlannedOperation) -> Hashable | None:
        """Return the key of a query, equal for those whose data one execution reads, or None."""
        variables = planned.parameters.variables
        return self._reader.execution_key(planned.operation, variables, planned.caller)

    async def answer(
        self,
        planned: PlannedOperation,
        origin: Callable[[], Origin],
        builder: ResponseBuilder,
        slot: Slot,
    ) -> BufferedResponse | None:
        """Answer by the plan, or return None; the builder's extensions then say why.

        Args:
            slot: of the admission queue; a mutation returns it before its record is read.

        Raises:
            Exception: where it is a mutation, its command may have been executed.
        """
        operation, parameters = planned.operation, planned.parameters
        builder.log_fields["document_hash"] = operation.sha256
        if operation.is_mutation:
            return await self._execute(planned, origin(), builder, slot)
        answered = await self._reader.read(
            operation, parameters.variables, planned.caller, explain=planned.explain
        )
        return _answer(planned, answered, builder)

    def _may_execute(self, head: RequestHead, operation: Operation) -> bool:
        is_posted = head.method == "POST"
        return is_posted and self._writer is not None and self._writer.is_command(operation)

    async def _execute(
        self, planned: PlannedOperation, origin: Origin, builder: ResponseBuilder, slot: Slot
    ) -> BufferedResponse | None:
        assert self._writer is not None

        async def show(context: object) -> ExecutionResult:
            return await self._schema.execute_operation(planned.parameters, context)

        log_fields = builder.log_fields
        outcome = await self._writer.execute(planned, origin, log_fields, show, slot.leave)
        if outcome is None or isinstance(outcome, Answered):
            return _answer(planned, outcome, builder)
        log_fields.update(planned.operation.log_fields)
        builder.extensions = outcome.extensions
        return builder.from_execution(outcome.result)


def _answer(
    planned: PlannedOperation, answered: Answered | None, builder: ResponseBuilder
) -> BufferedResponse | None:
    if answered is None:
        return None
    builder.extensions = answered.extensions
    return None if answered.data is None else _response(planned, answered, builder)


def _response(
    planned: PlannedOperation, answered: Answered, builder: ResponseBuilder
) -> BufferedResponse:
    log_fields = builder.log_fields
    log_fields.update(planned.caller.log_fields)
    log_fields.update(planned.operation.log_fields)
    log_fields["read_by"] = "plan"
    log_fields["statements"] = answered.statements
    assert answered.data is not None
    return builder.from_data(answered.data, planned.cost)
