"""Execution of operations by the resolvers, each in a context of its own."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from starlette.requests import Request
from strawberry.schema.exceptions import InvalidOperationTypeError
from strawberry.types.execution import PreExecutionError

from qgp.http.methods import BY_METHOD, operation_type_error
from qgp.http.open_context import OpenContext
from qgp.http.parameters import Parameters
from qgp.http.persisted import ANONYMOUS
from qgp.http.request_cache import RequestCache
from qgp.http.response import BufferedResponse
from qgp.http.response_builder import ResponseBuilder
from qgp.http.schema import LimitedSchema
from qgp.kit.errors import Unauthenticated
from qgp.kit.fair_queue import Requester


@dataclass(frozen=True)
class ResolverExecution:
    """Operations of one schema, executed by its resolvers.

    Attributes:
        open_context: see `GraphQLEndpoint`.
        request_cache: persists the documents that were executed.
    """

    schema: LimitedSchema
    open_context: OpenContext
    request_cache: RequestCache

    async def execute(
        self,
        request: Request,
        parameters: Parameters,
        builder: ResponseBuilder,
        requester: Requester,
    ) -> BufferedResponse:
        """Execute the operation; a document that was executed is persisted where the client asks.

        Raises:
            HttpError: the method does not execute the type of the operation.
            Exception: see `ResponseBuilder.from_error`.
        """
        builder.log_fields["document_hash"] = parameters.sha256
        try:
            async with self._context(request, parameters) as context:
                allowed = BY_METHOD[request.method]
                result = await self.schema.execute_operation(parameters, context, allowed)
        except InvalidOperationTypeError as error:
            raise operation_type_error(error.operation_type) from None
        query, name = parameters.query, parameters.operation_name
        builder.log_fields.update(self.schema.operation_log_fields(query, name))
        if not isinstance(result, PreExecutionError):
            self._persist(parameters, requester)
        return builder.from_execution(result)

    def is_public(self, request: Parameters) -> bool:
        """Whether an operation needs no sign-in."""
        return self.schema.is_public(request.query, request.operation_name, request.variables)

    @asynccontextmanager
    async def _context(self, request: Request, parameters: Parameters) -> AsyncIterator[object]:
        """Open the context; an invalid token fails only operations that need a sign-in."""
        async with AsyncExitStack() as stack:
            try:
                context = await stack.enter_async_context(self.open_context(request))
            except Unauthenticated:
                if request.method == "GET" or not self.is_public(parameters):
                    raise
                anonymous = self.open_context(_without_credentials(request))
                context = await stack.enter_async_context(anonymous)
            yield context

    def _persist(self, request: Parameters, requester: Requester) -> None:
        """Persist an executed document; an anonymous caller's only if it was validated too."""
        if not requester.is_anonymous:
            self.request_cache.persist(request, requester.principal)
        elif request.hash_to_keep is not None and self.is_public(request):
            self.request_cache.persist(request, ANONYMOUS)


def _without_credentials(request: Request) -> Request:
    """Return the request as if it had come without an `Authorization` header."""
    headers = [pair for pair in request.scope["headers"] if pair[0] != b"authorization"]
    return Request({**request.scope, "headers": headers})
