"""Document cache: GraphQL documents, each parsed, measured and validated once.

The schema and the planned reads share it, so both apply the same checks. Only what passed is
cached: an invalid document is checked, and its errors are worded, each time.
"""

import re
from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    GraphQLSyntaxError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    OverlappingFieldsCanBeMergedRule,
    TokenKind,
    ValuesOfCorrectTypeRule,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule

from qgp.http.body import DIGITS
from qgp.http.cost import OperationCost
from qgp.http.document_limits import check, check_cost, too_complex
from qgp.http.input_values import InputValues
from qgp.http.limits import Limits
from qgp.http.overlaps import overlap_rule
from qgp.http.parameters import UNPRINTABLE
from qgp.http.query_complexity import ComplexityMeter
from qgp.http.root_fields import root_fields
from qgp.http.validation_rules import with_cached_methods
from qgp.kit.gql.coercion import InputLiteralsRule
from qgp.kit.gql.operation import Operation

_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
_LONG_NUMBER = re.compile(rf"[0-9]{{{DIGITS}}}")
DOCUMENTS_MAX = 256  # parsed or validated; at most about a megabyte each
_REPLACED = {OverlappingFieldsCanBeMergedRule, ValuesOfCorrectTypeRule}
_RULES = (*(rule for rule in specified_rules if rule not in _REPLACED), InputLiteralsRule)


class ValidationFailed(Exception):
    """A document is not valid; carries every error. Raised, so that nothing invalid is cached."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


class DocumentCache:
    """Cache of the documents used most recently.

    Args:
        schema: returns the schema, once it is built.
        limits: limits of one document.
        sensitive: GraphQL names of the root mutations that check a secret.
    """

    def __init__(
        self, schema: Callable[[], GraphQLSchema], limits: Limits, sensitive: Set[str]
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.sensitive = sensitive
        rules = (*_RULES, overlap_rule(limits.overlaps), MaybeNullValidationRule)
        self.rules = tuple(map(with_cached_methods, rules))
        self._parsed = lru_cache(DOCUMENTS_MAX)(self._parse)
        self._operations = lru_cache(DOCUMENTS_MAX)(self._find)

    def find(self, text: str, name: str | None) -> "CachedOperation":
        """Return the operation of a document that the request names, or the only one.

        Raises:
            GraphQLError: a syntax error or a broken limit, or the operation to run is not clear.
        """
        return self._operations(text, name)

    def _find(self, text: str, name: str | None) -> "CachedOperation":
        document = self._parsed(text)
        operation = _operation_to_run(document, name)
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        digest = sha256(text.encode()).hexdigest()
        return CachedOperation(self, Operation(text, document, operation, fragments, digest))

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
            raise self._syntax_error(error) from None
        if "\\" in query or _LONG_NUMBER.search(query):
            _check_tokens(document)
        return document

    def _syntax_error(self, error: GraphQLSyntaxError) -> GraphQLError:
        if "Parsing aborted" not in error.message:
            error.extensions = {"code": "GRAPHQL_PARSE_FAILED"}
            return error
        if "nested" in error.message:
            return too_complex("depth", 200, self.limits.depth)
        limit = "comments" if "comments" in error.message else "tokens"
        allowed: int = getattr(self.limits, limit)
        return too_complex(limit, allowed + 1, allowed)


class CachedOperation:
    """Operation of a cached document, with the results of its checks."""

    def __init__(self, documents: DocumentCache, operation: Operation) -> None:
        self.operation = operation
        self._documents = documents
        self._cost = OperationCost(documents.schema, operation, documents.limits)
        self._is_within_limits = False
        self._valid: set[bool] = set()

    def root_fields(self, variables: Mapping[str, Any]) -> Sequence[FieldNode]:
        """Return the root fields that run, without those that directives skip."""
        return root_fields(self.operation, variables)

    def check_input(self, variables: Mapping[str, Any]) -> None:
        """Check the number and size of a request's input values, before any is converted.

        Raises:
            GraphQLError: there are too many, or a filter is beyond its bounds.
        """
        self._input_values.check(variables)

    @cached_property
    def _input_values(self) -> InputValues:
        documents = self._documents
        return InputValues(documents.schema(), self.operation, documents.limits)

    def cost(self, variables: Mapping[str, Any]) -> int:
        """Return the cost of the operation with the variables of a request, in points.

        Raises:
            GraphQLError: the document breaks a limit.
        """
        self.check_limits()
        return check_cost(self._cost.of(variables), self._documents.limits)

    def check_limits(self) -> None:
        """Check the whole document against the limits, without its cost.

        Raises:
            GraphQLError: a limit is broken.
        """
        documents = self._documents
        if not self._is_within_limits:
            meter = ComplexityMeter(
                documents.schema(), self.operation.document, sensitive=documents.sensitive
            )
            check(meter, self.operation.document, documents.limits)
            self._is_within_limits = True

    def validate(self, *, explore: bool) -> None:
        """Validate the document against the schema.

        Args:
            explore: whether the caller may introspect the schema and be shown suggestions.

        Raises:
            ValidationFailed: it breaks a rule.
            GraphQLError: fields that share a name take too many comparisons.
        """
        if (
            explore in self._valid or False in self._valid
        ):  # valid without exploring is valid with it
            return
        rules = self._documents.rules
        errors = validate(
            self._documents.schema(),
            self.operation.document,
            rules if explore else (*rules, NoSchemaIntrospectionCustomRule),
            max_errors=self._documents.limits.errors,
            hide_suggestions=not explore,
        )
        if errors:
            for error in errors:
                error.extensions = {"code": "GRAPHQL_VALIDATION_FAILED"} | (error.extensions or {})
            raise ValidationFailed(errors)
        self._valid.add(explore)


def _check_tokens(document: DocumentNode) -> None:
    """Refuse literals that the check of the request's text cannot see, or that `int` cannot parse.

    An escape like `\\u0000` passes that check; `int` refuses a number of thousands of digits with
    a message of its own.

    Raises:
        GraphQLError: a string holds a control character other than newline and tab, or a number
            has too many digits.
    """
    location = document.loc
    token = location.start_token if location else None
    while location and token:
        message = None
        if token.kind is TokenKind.STRING and UNPRINTABLE.search(token.value or ""):
            message = "This text holds a control character other than newline and tab. Remove it."
        elif token.kind in _NUMBERS and len(token.value or "") > DIGITS:
            message = f"This number is longer than {DIGITS} characters. Shorten it."
        if message:
            raise GraphQLError(
                message,
                source=location.source,
                positions=[token.start],
                extensions={"code": "BAD_USER_INPUT"},
            )
        token = token.next


def _operation_to_run(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    """Return the operation the request names, or the only one.

    Raises:
        GraphQLError: there is no such operation, or there are several and none is named.
    """
    operations = [
        node for node in document.definitions if isinstance(node, OperationDefinitionNode)
    ]
    named = [node for node in operations if name is None or (node.name and node.name.value == name)]
    if len(named) == 1 or (named and name):  # two of one name are refused by validation
        return named[0]
    if not operations:
        message = "The document holds no operation. Add one."
    elif named:
        message = "The document holds several operations. Name one of them in `operationName`."
    else:
        message = f"The document holds no operation named '{name}'. Check `operationName`."
    raise GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})
