"""Planned reads of HTTP requests: queries that are answered from a plan, without an execution."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from qgp.http.request_cache import ParsedRequest, RequestCache
from qgp.http.request_head import RequestHead
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import SignedIn

EXPLAIN = b"x-qgp-explain"  # the request header, with the value `plan`


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

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        """Return the data as it stands now; None, or an answer without data, if it cannot.

        The reader checks that the caller's sign-in is still in force.

        Args:
            explain: whether the extensions say how the query was read.
        """
        ...


@dataclass(frozen=True, slots=True)
class PlannedQuery:
    """Query that passes every check, of a caller whose sign-in is cached."""

    operation: Operation
    cost: int
    variables: Mapping[str, Any]
    caller: Caller
    explain: bool


class PlannedReads:
    """Answers requests by a reader, where a plan may answer them.

    Args:
        explain: whether a caller may ask how a query was read.
    """

    def __init__(
        self, reader: PlannedReader, request_cache: RequestCache, *, explain: bool
    ) -> None:
        self._reader, self._request_cache, self._explain = reader, request_cache, explain

    def query(self, head: RequestHead, request: ParsedRequest) -> PlannedQuery | None:
        """Return the query for the reader, or None where the request has to be executed.

        The caller is identified first: no document is parsed for a token that would be refused.

        Raises:
            Exception: the execution raises the error again, and reports it.
        """
        authorization = head.get(b"authorization")
        if not authorization or (caller := self._reader.caller(authorization)) is None:
            return None
        if (checked := self._request_cache.checked_query(request)) is None:
            return None
        explain = self._explain and head.get(EXPLAIN) == "plan"
        return PlannedQuery(*checked, request.parameters.variables, caller, explain)

    def respond_without_io(
        self, query: PlannedQuery, builder: ResponseBuilder
    ) -> BufferedResponse | None:
        """Answer without any I/O, or return None."""
        if query.explain or not query.operation.reads_nothing:
            return None
        answered = self._reader.read_without_io(query.operation, query.variables, query.caller)
        return None if answered is None else _response(query, answered, builder)

    async def read(self, query: PlannedQuery, builder: ResponseBuilder) -> BufferedResponse | None:
        """Answer without an execution, or return None; the builder's extensions then say why."""
        builder.log_fields["document_hash"] = query.operation.sha256
        answered = await self._reader.read(
            query.operation, query.variables, query.caller, explain=query.explain
        )
        if answered is None:
            return None
        builder.extensions = answered.extensions
        return None if answered.data is None else _response(query, answered, builder)


def _response(
    query: PlannedQuery, answered: Answered, builder: ResponseBuilder
) -> BufferedResponse:
    operation = query.operation
    builder.log_fields.update(
        query.caller.log_fields,
        read_by="plan",
        operation_type="query",
        document_hash=operation.sha256,
        operation_name=operation.name,
        statements=answered.statements,
    )
    assert answered.data is not None
    return builder.from_data(answered.data, query.cost)
