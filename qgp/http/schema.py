"""A Strawberry schema that runs no document it has not measured.

Strawberry's own limiters expand fragments and take exponential time; its cache of validated
documents keeps invalid ones too. This extension parses with graphql-core's own limits, measures
once, validates once, and remembers only what was valid.
"""

from collections.abc import Callable, Iterator, Mapping, Set
from functools import lru_cache, partial
from typing import Any, cast

import strawberry
from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    TokenKind,
    parse,
    specified_rules,
    validate,
)
from strawberry.extensions import SchemaExtension
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule
from strawberry.types import ExecutionContext

from qgp.http.document_limits import check, too_complex
from qgp.http.limits import Limits
from qgp.http.parameters import UNPRINTABLE

REMEMBERED = 256  # documents, parsed or validated; at most about a megabyte each
_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)


class Refused(Exception):
    """A document is not valid; carries every error, so that nothing invalid is remembered."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


class GuardedSchema(strawberry.Schema):
    """A schema whose every execution is held to the document limits, whoever calls it.

    Args:
        limits: what one document may ask.
        sensitive: GraphQL names of the root mutations that check a secret.
        may_explore: whether the caller, told by the context of the operation, may introspect the
            schema and be shown suggestions.
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
        **options: Any,
    ) -> None:
        self._documents = Documents(self, limits or Limits())
        guard = partial(
            DocumentGuard, self._documents, sensitive=sensitive, may_explore=may_explore
        )
        extensions = [guard, *options.pop("extensions", ())]
        super().__init__(query, mutation, extensions=extensions, **options)

    @property
    def graphql(self) -> GraphQLSchema:
        """The graphql-core schema underneath."""
        return self._schema

    def operation_name(self, query: str, given: str | None) -> str | None:
        """Return the name under which an operation is logged; None if it has none."""
        try:
            name = _chosen(self._documents.parsed(query), given).name
        except GraphQLError:
            return given
        return name.value if name else None

    def process_errors(
        self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None
    ) -> None:
        """Log nothing: the edge logs once, with the request's id and without the document."""


class Documents:
    """What is known about the documents seen lately."""

    def __init__(self, schema: GuardedSchema, limits: Limits) -> None:
        self.schema = schema
        self.limits = limits
        self.parsed = lru_cache(REMEMBERED)(self._parse)
        self.validated = lru_cache(REMEMBERED)(self._validate)

    def _parse(self, query: str) -> DocumentNode:
        if len(query) > self.limits.query_characters:
            raise too_complex("query_characters", len(query), self.limits.query_characters)
        try:
            document = parse(
                query,
                max_lexical_tokens=self.limits.tokens,
                max_comments=self.limits.comments,
            )
        except GraphQLSyntaxError as error:
            raise self._worded(error) from None
        if "\\" in query:
            _check_strings(document)
        return document

    def _worded(self, error: GraphQLSyntaxError) -> GraphQLError:
        if "Parsing aborted" not in error.message:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            return error
        if "nested" in error.message:
            return too_complex("depth", 200, self.limits.depth)
        limit = "comments" if "comments" in error.message else "tokens"
        allowed: int = getattr(self.limits, limit)
        return too_complex(limit, allowed + 1, allowed)

    def _validate(self, query: str, explore: bool) -> None:
        errors = validate(
            self.schema.graphql,
            self.parsed(query),
            _RULES if explore else (*_RULES, NoSchemaIntrospectionCustomRule),
            max_errors=self.limits.errors,
            hide_suggestions=not explore,
        )
        if errors:
            for error in errors:
                error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"} | (error.extensions or {})
            raise Refused(errors)


class DocumentGuard(SchemaExtension):
    """Parse, measure and validate one operation in place of Strawberry's own steps."""

    def __init__(
        self,
        documents: Documents,
        *,
        sensitive: Set[str],
        may_explore: Callable[[object], bool],
    ) -> None:
        self._documents = documents
        self._sensitive = sensitive
        self._may_explore = may_explore
        self._cost: int | None = None
        self._explore = False

    def on_parse(self) -> Iterator[None]:
        """Parse within the limits and find the operation to run."""
        execution = self.execution_context
        named = execution.operation_name  # the request's, as long as there is no document
        execution.graphql_document = self._documents.parsed(execution.query or "")
        self._chosen = _chosen(execution.graphql_document, named)
        yield

    def on_validate(self) -> Iterator[None]:
        """Measure, then validate."""
        execution = self.execution_context
        document = cast("DocumentNode", execution.graphql_document)
        variables: Mapping[str, Any] = execution.variables or {}
        self._cost = check(
            self._documents.schema.graphql,
            document,
            self._chosen,
            limits=self._documents.limits,
            variables=variables,
            sensitive=self._sensitive,
        )
        self._explore = self._may_explore(execution.context)
        execution.pre_execution_errors = self._errors()
        yield

    def on_execute(self) -> Iterator[None]:
        """Take the suggestions out of coercion errors, which Strawberry cannot be told to hide."""
        yield
        result = self.execution_context.result
        if result and result.errors and not self._explore:
            for error in result.errors:
                if error.path is None:
                    error.message = error.message.partition(" Did you mean ")[0]

    def get_results(self) -> dict[str, Any]:
        """Tell the cost of an operation that was within the limits."""
        return {} if self._cost is None else {"cost": self._cost}

    def _errors(self) -> list[GraphQLError]:
        try:
            self._documents.validated(self.execution_context.query or "", self._explore)
        except Refused as refused:
            return refused.errors
        return []


def _check_strings(document: DocumentNode) -> None:
    """Refuse what an escape like `\\u0000` smuggles into a literal past the check of the request.

    Raises:
        GraphQLError: a string holds a control character other than newline and tab.
    """
    place = document.loc
    token = place.start_token if place else None
    while place and token:
        if token.kind is TokenKind.STRING and UNPRINTABLE.search(token.value or ""):
            raise GraphQLError(
                "This text holds a control character other than newline and tab. Remove it.",
                source=place.source,
                positions=[token.start],
                extensions={"code": "BAD_USER_INPUT"},
            )
        token = token.next


def _chosen(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Return the operation the request names, or the only one.

    Raises:
        GraphQLError: there is no such operation, or there are several and none is named.
    """
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    named = [node for node in operations if name is None or (node.name and node.name.value == name)]
    if len(named) == 1 or (named and name):  # two of one name: validation refuses them
        return named[0]
    if not operations:
        message = "The document holds no operation."
    elif named:
        message = "The document holds several operations. Name one of them in `operationName`."
    else:
        message = f"The document holds no operation named '{name}'."
    raise GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})
