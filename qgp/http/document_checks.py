"""Checks of a document before its execution, in place of Strawberry's own steps."""

from collections.abc import Callable, Iterator
from typing import Any

from graphql import ExecutionResult, GraphQLError
from strawberry.extensions import SchemaExtension

from qgp.http.document_cache import CachedOperation, DocumentCache, ValidationFailed
from qgp.http.root_fields import SignInSplit
from qgp.kit.gql.variable_errors import variable_errors


class DocumentChecks(SchemaExtension):
    """Parses, measures and validates one operation in place of Strawberry's own steps.

    The order is: sign-in, total of the input values, cost, validation rules. No input value is
    converted before all of them have passed.
    """

    def __init__(
        self,
        documents: DocumentCache,
        *,
        may_explore: Callable[[object], bool],
        is_signed_in: Callable[[object], bool],
    ) -> None:
        self._documents = documents
        self._may_explore = may_explore
        self._is_signed_in = is_signed_in
        self._cost: int | None = None
        self._explore = False
        self._split: SignInSplit | None = None

    def on_parse(self) -> Iterator[None]:
        """Parse within the limits and find the operation to run."""
        execution = self.execution_context
        named = execution.operation_name  # the request's, as long as there is no document
        self._cached = self._documents.find(execution.query or "", named)
        execution.graphql_document = self._cached.operation.document
        yield

    def on_validate(self) -> Iterator[None]:
        """Check sign-in, input and cost, then validate."""
        execution = self.execution_context
        execution.pre_execution_errors = []
        is_signed_in = self._is_signed_in(execution.context)
        runs = self._cached if is_signed_in else self._public()
        if runs is not None:
            self._check(runs)
        yield

    def _public(self) -> CachedOperation | None:
        """Return the part of the operation that an anonymous caller may execute."""
        execution, operation = self.execution_context, self._cached.operation
        fields = self._cached.root_fields(execution.variables or {})
        split = SignInSplit(self._documents.schema(), operation, fields)
        if not split.refused:
            return self._cached
        if not split.public:
            execution.result = split.completed(ExecutionResult({}))
            return None
        self._split = split
        execution.graphql_document = split.operation.document
        return CachedOperation(self._documents, split.operation)

    def _check(self, runs: CachedOperation) -> None:
        """Check the part that runs, and the limits of the whole document that is validated."""
        execution = self.execution_context
        variables = execution.variables or {}
        runs.check_input(variables)
        self._cached.check_limits()
        self._cost = runs.cost(variables)
        self._explore = self._may_explore(execution.context)
        try:
            self._cached.validate(explore=self._explore)
        except ValidationFailed as failure:
            execution.pre_execution_errors = failure.errors

    def on_execute(self) -> Iterator[None]:
        """Replace the errors in variables; Strawberry cannot hide suggestions in them either."""
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
        operation = self._cached.operation if self._split is None else self._split.operation
        return variable_errors(
            self._documents.schema(),
            operation.node.variable_definitions or (),
            self.execution_context.variables or {},
            hide_suggestions=not self._explore,
        )

    def get_results(self) -> dict[str, Any]:
        """Return the cost of an operation that was within the limits."""
        return {} if self._cost is None else {"cost": self._cost}
