"""A Strawberry schema that runs no document it has not measured.

Strawberry's own limiters expand fragments and take exponential time; its cache of validated
documents keeps invalid ones too. This extension takes what `Documents` knows in their place.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from functools import partial
from typing import Any

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationType,
)
from strawberry.extensions import SchemaExtension
from strawberry.types import ExecutionContext

from qgp.http.documents import REMEMBERED, Documents, Found, Refused
from qgp.http.limits import Limits
from qgp.http.root_fields import Split
from qgp.kit.gql.operation import Operation
from qgp.kit.gql.variable_errors import variable_errors
from qgp.kit.listing import DefaultSize
from qgp.kit.lru_cache import LRUCache


class GuardedSchema(strawberry.Schema):
    """A schema whose every execution is held to the document limits, whoever calls it.

    Args:
        limits: what one document may ask.
        sensitive: GraphQL names of the root mutations that check a secret.
        may_explore: whether the caller, told by the context of the operation, may introspect the
            schema and be shown suggestions.
        is_signed_in: whether the context of the operation has a signed-in caller.
        options: everything else that `strawberry.Schema` takes.
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
        self._documents = Documents(lambda: self.graphql, limits, sensitive)
        self._known: LRUCache[bool] = LRUCache(REMEMBERED)
        guard = partial(
            DocumentGuard, self._documents, may_explore=may_explore, is_signed_in=is_signed_in
        )
        extensions = [guard, *options.pop("extensions", ())]
        super().__init__(query, mutation, extensions=extensions, **options)
        _mark_one_of(self._schema)
        _set_page_default(self._schema, limits.page_default)

    @property
    def graphql(self) -> GraphQLSchema:
        """The graphql-core schema underneath."""
        return self._schema

    def described(self, query: str, name: str | None) -> dict[str, str | None]:
        """Return type and name of an operation for the log, or the name that was sent."""
        try:
            operation = self._documents.find(query, name).operation
        except GraphQLError:
            return {"operation_name": name}
        kind = operation.node.operation.value
        return {"operation_type": kind, "operation_name": operation.name}

    def is_public(self, query: str, name: str | None, variables: Mapping[str, Any]) -> bool:
        """Whether an operation asks for nothing but fields that need no sign-in."""
        try:
            found = self._documents.find(query, name)
        except GraphQLError:
            return False
        split = Split(self._schema, found.operation, found.root_fields(variables))
        return not split.refused and not split.explores

    def is_known(self, query: str) -> bool:
        """Whether a document has been read lately, so that reading it again costs little."""
        return query in self._known

    def cost(self, query: str, name: str | None, variables: Mapping[str, Any]) -> int:
        """Return what an operation costs.

        Raises:
            GraphQLError: the document cannot be read, or it or its input breaks a limit.
        """
        found = self._documents.find(query, name)
        found.check_input(variables)
        cost = found.cost(variables)
        self._known.keep(query, True)
        return cost

    def readable(
        self, query: str, name: str | None, variables: Mapping[str, Any]
    ) -> tuple[Operation, int] | None:
        """Return a query that passes every check, whoever asks it, and what it costs.

        Whoever asks: it is valid also for somebody who may not explore the schema. None stands
        for all other operations; executing them words what is wrong.
        """
        try:
            found = self._documents.find(query, name)
            if found.operation.node.operation is not OperationType.QUERY:
                return None
            cost = self.cost(query, name, variables)
            found.validate(explore=False)
        except (GraphQLError, Refused):
            return None
        return found.operation, cost

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: the edge logs once, with the request's id and without the document."""


def _mark_one_of(schema: GraphQLSchema) -> None:
    """Tell graphql-core which inputs take exactly one field.

    Strawberry has a validation rule of its own instead, which fails on fragments that stand
    before their operation; and clients would not see `@oneOf`.
    """
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLInputObjectType):
            kind.is_one_of = kind.extensions["strawberry-definition"].is_one_of


def _set_page_default(schema: GraphQLSchema, size: int) -> None:
    """Show and use the configured page size as the default of `first`, wherever it has one."""
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field in kind.fields.values():
                for argument in field.args.values():
                    if isinstance(argument.default_value, DefaultSize):
                        argument.default_value = DefaultSize(size)


class DocumentGuard(SchemaExtension):
    """Parse, measure and validate one operation in place of Strawberry's own steps.

    Nothing is converted before it has passed: sign-in, total of the input values, cost, rules.
    """

    def __init__(
        self,
        documents: Documents,
        *,
        may_explore: Callable[[object], bool],
        is_signed_in: Callable[[object], bool],
    ) -> None:
        self._documents = documents
        self._may_explore = may_explore
        self._is_signed_in = is_signed_in
        self._cost: int | None = None
        self._explore = False
        self._split: Split | None = None

    def on_parse(self) -> Iterator[None]:
        """Parse within the limits and find the operation to run."""
        execution = self.execution_context
        named = execution.operation_name  # the request's, as long as there is no document
        self._found = self._documents.find(execution.query or "", named)
        execution.graphql_document = self._found.operation.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Look for a sign-in, count the input, measure, then validate."""
        execution = self.execution_context
        execution.pre_execution_errors = []
        is_signed_in = self._is_signed_in(execution.context)
        runs = self._found if is_signed_in else self._public()
        if runs is not None:
            self._check(runs)
        yield

    def _public(self) -> Found | None:
        """Return what an anonymous caller may have executed of the operation."""
        execution, operation = self.execution_context, self._found.operation
        fields = self._found.root_fields(execution.variables or {})
        split = Split(self._documents.schema(), operation, fields)
        if not split.refused:
            return self._found
        if not split.public:
            execution.result = split.completed(ExecutionResult({}))
            return None
        self._split = split
        execution.graphql_document = split.operation.document
        return Found(self._documents, split.operation)

    def _check(self, runs: Found) -> None:
        """Check the part that runs, and the whole document, because validation reads it all."""
        execution = self.execution_context
        variables = execution.variables or {}
        runs.check_input(variables)
        self._found.check_limits()
        self._cost = runs.cost(variables)
        self._explore = self._may_explore(execution.context)
        try:
            self._found.validate(explore=self._explore)
        except Refused as refused:
            execution.pre_execution_errors = refused.errors

    def on_execute(self) -> Iterator[None]:
        """Word errors in variables anew; Strawberry cannot be told to hide suggestions either."""
        yield
        result = self.execution_context.result
        if result and result.errors and result.data is None:
            result.errors = self._variable_errors() or result.errors
        if result and result.errors and not self._explore:
            for error in result.errors:
                if error.path is None:
                    error.message = error.message.partition(" Did you mean ")[0]
        if self._split is not None and isinstance(result, ExecutionResult):
            self._split.completed(result)

    def _variable_errors(self) -> list[GraphQLError]:
        operation = self._found.operation if self._split is None else self._split.operation
        return variable_errors(
            self._documents.schema(),
            operation.node.variable_definitions or (),
            self.execution_context.variables or {},
            hide_suggestions=not self._explore,
        )

    def get_results(self) -> dict[str, Any]:
        """Tell the cost of an operation that was within the limits."""
        return {} if self._cost is None else {"cost": self._cost}
