"""Strawberry schema that executes no document before it has passed the document limits.

Strawberry's own limiters expand fragments and take exponential time; its cache of validated
documents keeps invalid ones too. `DocumentChecks` uses the `DocumentCache` in their place.
"""

from collections.abc import Callable, Mapping, Set
from functools import partial
from typing import Any

import strawberry
from graphql import (
    Executor,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
)
from strawberry.execution import optimized_is_awaitable
from strawberry.types import ExecutionContext
from strawberry.types import ExecutionResult as OperationResult
from strawberry.types.graphql import OperationType as AllowedType

from qgp.http.document_cache import DOCUMENTS_MAX, DocumentCache, ValidationFailed
from qgp.http.document_checks import DocumentChecks
from qgp.http.limits import Limits
from qgp.http.parameters import Parameters
from qgp.http.root_fields import SignInSplit
from qgp.kit.errors import SIGN_IN_FIRST, Unauthenticated
from qgp.kit.gql.operation import Operation
from qgp.kit.gql.variable_errors import variable_errors
from qgp.kit.lru_cache import LRUCache
from qgp.kit.paging import DefaultSize

EXECUTED = frozenset({AllowedType.QUERY, AllowedType.MUTATION})


class LimitedSchema(strawberry.Schema):
    """Schema that applies the document limits to every execution.

    Args:
        limits: limits of one document.
        sensitive: GraphQL names of the root mutations that check a secret.
        may_explore: whether the caller of the operation's context may introspect the schema and
            be shown suggestions.
        is_signed_in: whether the context of the operation has a signed-in caller.
        options: further arguments of `strawberry.Schema`.
    """

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        *,
        limits: Limits | None = None,
        sensitive: Set[str] = frozenset(),
        may_explore: Callable[[object], bool] = lambda _: True,
        is_signed_in: Callable[[object], bool] = lambda _: True,
        **options: Any,
    ) -> None:
        limits = limits or Limits()
        self._documents = DocumentCache(lambda: self.graphql, limits, sensitive)
        self._may_explore, self._is_signed_in = may_explore, is_signed_in
        self._costed: LRUCache[bool] = LRUCache(DOCUMENTS_MAX)
        checks = partial(
            DocumentChecks, self._documents, may_explore=may_explore, is_signed_in=is_signed_in
        )
        extensions = [checks, *options.pop("extensions", ())]
        super().__init__(query, mutation, extensions=extensions, **options)
        _mark_one_of(self._schema)
        _set_page_default(self._schema, limits.page_default)

    @property
    def graphql(self) -> GraphQLSchema:
        """The underlying graphql-core schema."""
        return self._schema

    def operation_log_fields(self, query: str, name: str | None) -> Mapping[str, str | None]:
        """Return the log fields of an operation, or the name that was sent if it is invalid."""
        try:
            return self._documents.find(query, name).operation.log_fields
        except GraphQLError:
            return {"operation_name": name}

    def is_public(self, query: str, name: str | None, variables: Mapping[str, Any]) -> bool:
        """Whether an operation has only root fields that need no sign-in."""
        try:
            cached = self._documents.find(query, name)
        except GraphQLError:
            return False
        split = SignInSplit(self._schema, cached.operation, cached.root_fields(variables))
        return not split.refused and not split.explores

    def is_subscription(self, parameters: Parameters) -> bool:
        """Whether the operation of a request is a subscription."""
        try:
            node = self._documents.find(*parameters[:2]).operation.node
        except GraphQLError:
            return False
        return node.operation is OperationType.SUBSCRIPTION

    def is_cached(self, query: str) -> bool:
        """Whether a document is parsed and measured already, so that it costs little."""
        return query in self._costed

    def cost(self, query: str, name: str | None, variables: Mapping[str, Any]) -> int:
        """Return the cost of an operation in points.

        Raises:
            GraphQLError: the document has a syntax error, or it or its input breaks a limit.
        """
        cached = self._documents.find(query, name)
        cached.check_input(variables)
        cost = cached.cost(variables)
        self._costed.put(query, True)
        return cost

    def checked_operation(
        self, query: str, name: str | None, variables: Mapping[str, Any]
    ) -> tuple[Operation, int] | None:
        """Return a query or mutation that passes every check for every caller, and its cost.

        It is valid also for a caller who may not explore the schema. None for every other
        operation; its execution words what is wrong.
        """
        try:
            cached = self._documents.find(query, name)
            if cached.operation.node.operation is OperationType.SUBSCRIPTION:
                return None
            cost = self.cost(query, name, variables)
            cached.validate(explore=False)
        except (GraphQLError, ValidationFailed):
            return None
        return cached.operation, cost

    def require_query(self, query: str, variables: Mapping[str, Any]) -> Operation:
        """Return the one operation of a document, which is to be executed later.

        Raises:
            GraphQLError: it is no query, or would be refused from a client; the first error.
        """
        cached = self._documents.find(query, None)
        if cached.operation.node.operation is not OperationType.QUERY:
            raise GraphQLError(f"It is a {cached.operation.node.operation.value}, not a query.")
        cached.check_input(variables)
        cached.cost(variables)
        try:
            cached.validate(explore=True)
        except ValidationFailed as failure:
            raise failure.errors[0] from None
        return cached.operation

    async def execute_operation(
        self,
        parameters: Parameters,
        context: object,
        allowed: Set[AllowedType] = EXECUTED,
    ) -> OperationResult:
        """Execute the operation of a request by the resolvers.

        Raises:
            InvalidOperationTypeError: the operation is of another type than those allowed.
        """
        return await self.execute(
            parameters.query,
            variable_values=parameters.variables,
            context_value=context,
            operation_name=parameters.operation_name,
            allowed_operation_types=allowed,
            operation_extensions=parameters.extensions,
        )

    def subscription_executor(
        self, parameters: Parameters, context: object, after: str | None
    ) -> Executor[Any]:
        """Check a subscription as `DocumentChecks` does, and return what executes its events.

        Args:
            after: cursor to resume after; the root value of the source stream.

        Raises:
            Unauthenticated: nobody is signed in.
            GraphQLError: the document or its input breaks a limit.
            ValidationFailed: it breaks a rule, or a variable does not fit its type.
        """
        if not self._is_signed_in(context):
            raise Unauthenticated(SIGN_IN_FIRST)
        query, name, variables = parameters[:3]
        cached, explore = self._documents.find(query, name), self._may_explore(context)
        self.cost(query, name, variables)
        cached.validate(explore=explore)
        operation = cached.operation
        executor_class: Any = self.execution_context_class
        executor: Executor[Any] | list[GraphQLError] = executor_class.build(
            self._schema,
            operation.document,
            after,
            context,
            variables,
            name,
            is_awaitable=optimized_is_awaitable,
            operation_extensions=parameters.extensions,
        )
        if isinstance(executor, list):
            definitions = operation.node.variable_definitions or ()
            hide = not explore
            raise ValidationFailed(
                variable_errors(self._schema, definitions, variables, hide_suggestions=hide)
            )
        return executor

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: the response builder logs with the request's id, without the document."""


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Mark for graphql-core the inputs that take exactly one field.

    Strawberry has a validation rule of its own instead, which fails on fragments that stand
    before their operation; and clients would not see `@oneOf`.
    """
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = kind.extensions["strawberry-definition"].is_one_of


def _set_page_default(schema: GraphQLSchema, size: int) -> None:
    """Set the configured page size as the default of every `first` that has one."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field in kind.fields.values():
                for argument in field.args.values():
                    if isinstance(argument.default_value, DefaultSize):
                        argument.default_value = DefaultSize(size)
