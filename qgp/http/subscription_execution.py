"""Execution of subscriptions: the source of events once, each batch of events in a new context.

A context holds one transaction and the caller as the database shows them, so neither outlasts the
events that it is opened for.
"""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NamedTuple

from graphql import ExecutionResult, Executor, create_source_event_stream
from starlette.requests import Request
from strawberry.types import ExecutionResult as OperationResult
from strawberry.utils.await_maybe import await_maybe

from qgp.http.admission import Admission
from qgp.http.deadline import within
from qgp.http.document_cache import ValidationFailed
from qgp.http.limits import Limits
from qgp.http.open_context import OpenContext
from qgp.http.parameters import Parameters
from qgp.http.schema import LimitedSchema
from qgp.kit.availability import Availability
from qgp.kit.fair_queue import Requester
from qgp.kit.live_events import EventBatch, Payload


class EventResult(NamedTuple):
    """Result of a subscription for one event, with the cursor to resume after it."""

    result: OperationResult
    cursor: str


@dataclass(frozen=True)
class Subscriptions:
    """Subscriptions of one schema.

    Attributes:
        open_context: see `GraphQLEndpoint`.
        admission: has the queue in which events wait to be executed.
    """

    schema: LimitedSchema
    open_context: OpenContext
    limits: Limits
    admission: Admission
    availability: Availability

    async def open(
        self,
        request: Request,
        parameters: Parameters,
        requester: Requester,
        *,
        after: str | None = None,
    ) -> "Subscription":
        """Check a subscription and open its source stream.

        Args:
            request: names the caller in its `Authorization` header.
            after: cursor to resume after, in place of the field's argument.

        Raises:
            ValidationFailed: the operation is not valid, or its field refuses it.
            GraphQLError: the document breaks a limit.
        """
        async with self.open_context(request) as context:
            executor = self.schema.subscription_executor(parameters, context, after)
            stream: Any = await await_maybe(create_source_event_stream(executor))
        if isinstance(stream, ExecutionResult):
            raise ValidationFailed(stream.errors or [])
        return Subscription(self, request, requester, executor, stream)


@dataclass(frozen=True)
class Subscription:
    """One open subscription."""

    subscriptions: Subscriptions
    request: Request
    requester: Requester
    executor: Executor[Any]
    stream: Any  # an asynchronous generator of `EventBatch`

    async def results(self) -> AsyncGenerator[EventResult, None]:
        """Yield the result for each event that the caller may see when it is shown.

        Raises:
            Unauthenticated: the sign-in has ended.
            Exception: the events cannot be read any more.
        """
        limits, availability = self.subscriptions.limits, self.subscriptions.availability
        async with aclosing(self.stream) as stream:
            async for batch in stream:
                work = self._execute_batch(batch)
                for result in await within(limits.request_seconds, work, availability):
                    yield result

    async def close(self) -> None:
        """Close a subscription whose results nobody reads."""
        await self.stream.aclose()

    async def _execute_batch(self, batch: EventBatch) -> Sequence[EventResult]:
        async with self.subscriptions.open_context(self.request) as context:
            payloads = await batch.payloads(context)
            if not payloads:
                return []
            async with self.subscriptions.admission.events.turn(self.requester):
                return [await self._execute(payload, context) for payload in payloads]

    async def _execute(self, payload: Payload, context: object) -> EventResult:
        executor = self.executor.build_per_event_executor(payload)
        executor.context_value = context
        result: Any = await await_maybe(executor.execute_operation(False))
        return EventResult(OperationResult(result.data, result.errors), payload.cursor)
