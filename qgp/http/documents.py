"""What is known of the documents seen lately: each is parsed, measured and validated once.

Whoever executes asks here, the schema as well as the endpoint before a planned read, so there is
one truth. Only what passed is remembered: a refusal is found, and worded, anew each time.
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
from qgp.http.measure import Measure
from qgp.http.overlaps import overlap_rule
from qgp.http.parameters import UNPRINTABLE
from qgp.http.root_fields import root_fields
from qgp.kit.gql.coercion import InputLiteralsRule
from qgp.kit.gql.operation import Operation

_NUMBERS = (TokenKind.INT, TokenKind.FLOAT)
_LONG_NUMBER = re.compile(rf"[0-9]{{{DIGITS}}}")
REMEMBERED = 256  # documents, parsed or validated; at most about a megabyte each
_REPLACED = {OverlappingFieldsCanBeMergedRule, ValuesOfCorrectTypeRule}
_RULES = (*(rule for rule in specified_rules if rule not in _REPLACED), InputLiteralsRule)


class Refused(Exception):
    """A document is not valid; carries every error, so that nothing invalid is remembered."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__()
        self.errors = errors


class Documents:
    """The documents seen lately.

    Args:
        schema: what they ask, as soon as it is there.
        limits: what one document may ask.
        sensitive: GraphQL names of the root mutations that check a secret.
    """

    def __init__(
        self, schema: Callable[[], GraphQLSchema], limits: Limits, sensitive: Set[str]
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.sensitive = sensitive
        self.rules = (*_RULES, overlap_rule(limits.overlaps), MaybeNullValidationRule)
        self._parsed = lru_cache(REMEMBERED)(self._parse)
        self._found = lru_cache(REMEMBERED)(self._find)

    def find(self, text: str, name: str | None) -> "Found":
        """Return the operation of a document that the request names, or the only one.

        Raises:
            GraphQLError: the document cannot be read, or it is not clear what is to run.
        """
        return self._found(text, name)

    def _find(self, text: str, name: str | None) -> "Found":
        document = self._parsed(text)
        chosen = _chosen(document, name)
        fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        digest = sha256(text.encode()).hexdigest()
        return Found(self, Operation(text, document, chosen, fragments, digest))

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
        if "\\" in query or _LONG_NUMBER.search(query):
            _check_tokens(document)
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


class Found:
    """One operation, and what has been found out about it."""

    def __init__(self, documents: Documents, operation: Operation) -> None:
        self.operation = operation
        self._documents = documents
        self._cost = OperationCost(documents.schema, operation, documents.limits)
        self._is_within_limits = False
        self._valid: set[bool] = set()

    def root_fields(self, variables: Mapping[str, Any]) -> Sequence[FieldNode]:
        """Return the root fields that will run, those that directives skip left out."""
        return root_fields(self.operation, variables)

    def check_input(self, variables: Mapping[str, Any]) -> None:
        """Hold the input values of a request to their bounds, before any is converted.

        Raises:
            GraphQLError: there are too many, or a filter is beyond its bounds.
        """
        self._input_values.check(variables)

    @cached_property
    def _input_values(self) -> InputValues:
        documents = self._documents
        return InputValues(documents.schema(), self.operation, documents.limits)

    def cost(self, given: Mapping[str, Any]) -> int:
        """Return what the operation costs with the variables of a request.

        Raises:
            GraphQLError: the document breaks a limit.
        """
        self.check_limits()
        return check_cost(self._cost.of(given), self._documents.limits)

    def check_limits(self) -> None:
        """Hold the whole document to its limits, without its cost.

        Raises:
            GraphQLError: it breaks one.
        """
        documents = self._documents
        if not self._is_within_limits:
            measure = Measure(
                documents.schema(), self.operation.document, sensitive=documents.sensitive
            )
            check(measure, self.operation.document, documents.limits)
            self._is_within_limits = True

    def validate(self, *, explore: bool) -> None:
        """Hold the document against the schema.

        Args:
            explore: whether the caller may introspect the schema and be shown suggestions.

        Raises:
            Refused: it breaks a rule.
            GraphQLError: fields that share a name take too many comparisons.
        """
        if explore in self._valid or False in self._valid:  # who may explore may do all the rest
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
            raise Refused(errors)
        self._valid.add(explore)


def _check_tokens(document: DocumentNode) -> None:
    """Refuse literals that the check of the request cannot see, or that Python cannot read.

    An escape like `\\u0000` smuggles a character past that check; a number of thousands of digits
    is refused by `int`, in words of its own.

    Raises:
        GraphQLError: a string holds a control character other than newline and tab, or a number
            has too many digits.
    """
    place = document.loc
    token = place.start_token if place else None
    while place and token:
        message = None
        if token.kind is TokenKind.STRING and UNPRINTABLE.search(token.value or ""):
            message = "This text holds a control character other than newline and tab. Remove it."
        elif token.kind in _NUMBERS and len(token.value or "") > DIGITS:
            message = f"This number is longer than {DIGITS} characters. Shorten it."
        if message:
            raise GraphQLError(
                message,
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
