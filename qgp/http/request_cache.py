"""Request cache: parsed GraphQL requests by the bytes of their bodies.

Only queries that pass every check are cached. An invalid request is parsed, and its error worded,
each time; the input of a mutation, a password perhaps, is not kept.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from qgp.http.body import parse_object
from qgp.http.limits import Limits
from qgp.http.parameters import Parameters, from_object, from_query_string
from qgp.http.persisted import PersistedDocuments
from qgp.http.schema import LimitedSchema
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache

REQUESTS_MAX = 1_024
_QUICK_BYTES = 4 * 1024  # a longer body takes milliseconds to parse
CACHED_BODY_BYTES = 16 * 1024  # a longer body is not cached


@dataclass(slots=True, eq=False)
class ParsedRequest:
    """One well-formed request.

    Attributes:
        body: the bytes that it was parsed from; empty for a GET.
        checked_operation: its operation and cost, once it has proved to be a query or mutation that
            passes every check for every caller.
    """

    parameters: Parameters
    body: bytes = b""
    checked_operation: tuple[Operation, int] | None = None


class RequestCache:
    """Parses requests, each cached body once."""

    def __init__(
        self, schema: LimitedSchema, limits: Limits, persisted: PersistedDocuments | None = None
    ) -> None:
        self._schema = schema
        self.persisted = PersistedDocuments() if persisted is None else persisted
        self._limits = limits
        self._cache: LRUCache[ParsedRequest] = LRUCache(REQUESTS_MAX)

    def is_slow_to_parse(self, body: bytes) -> bool:
        """Whether parsing a body takes milliseconds, so that it has to be admitted first."""
        return len(body) > _QUICK_BYTES and self._cache.get(body) is None

    def parse(self, body: bytes) -> ParsedRequest:
        """Return the request of a POST.

        Raises:
            HttpError: 400.
            GraphQLError: the hash of its persisted document is unknown.
        """
        if (cached := self._cache.get(body)) is not None:
            return cached
        request = self.parse_values(parse_object(body, self._limits))
        request.body = body
        return request

    def parse_values(self, values: Mapping[str, Any]) -> ParsedRequest:
        """Return the request with the parameters of a JSON object.

        Raises:
            HttpError: 400.
            GraphQLError: the hash of its persisted document is unknown.
        """
        return ParsedRequest(from_object(values, self._limits, self.persisted))

    def parse_query_string(self, query: QueryParams) -> ParsedRequest:
        """Return the request of a GET.

        Raises:
            HttpError: 400.
            GraphQLError: the hash of its persisted document is unknown.
        """
        return ParsedRequest(from_query_string(query, self._limits, self.persisted))

    def persist(self, parameters: Parameters, owner: Hashable) -> None:
        """Keep a document that has passed every check, if it came with its hash."""
        if parameters.hash_to_keep is not None:
            self.persisted.keep(parameters.hash_to_keep, parameters.query, owner)

    def checked_operation(self, request: ParsedRequest) -> tuple[Operation, int] | None:
        """Return operation and cost of a query or mutation that passes every check, or None."""
        if request.checked_operation is None:
            document, name, variables = request.parameters[:3]
            checked = self._schema.checked_operation(document, name, variables)
            request.checked_operation = checked
            is_query = checked is not None and not checked[0].is_mutation
            if is_query and 0 < len(request.body) <= CACHED_BODY_BYTES:
                self._cache.put(request.body, request)
        return request.checked_operation
