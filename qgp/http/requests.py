"""Requests as their bytes say, and those seen lately, which need not be read again.

Only queries that pass every check are remembered: a refusal is found, and worded, anew each time,
and what a mutation is given, a password perhaps, is not kept.
"""

from collections.abc import Hashable
from dataclasses import dataclass

from starlette.datastructures import QueryParams

from qgp.http.body import parse_object
from qgp.http.limits import Limits
from qgp.http.parameters import Parameters, from_object, from_query_string
from qgp.http.persisted import PersistedDocuments
from qgp.http.schema import GuardedSchema
from qgp.kit.gql.operation import Operation
from qgp.kit.lru_cache import LRUCache

REMEMBERED = 1_024
_SHORT = 4 * 1024  # bytes of a body that is read at once
LONGEST = 16 * 1024  # bytes of a body that is remembered


@dataclass(slots=True, eq=False)
class Asked:
    """One well-formed request.

    Attributes:
        body: the bytes that it was read from, or none where it came otherwise.
        readable: its operation and cost, as soon as it is known to be a query that passes every
            check, whoever asks.
    """

    parameters: Parameters
    body: bytes = b""
    readable: tuple[Operation, int] | None = None


class Requests:
    """Reads requests, each text once."""

    def __init__(
        self, schema: GuardedSchema, limits: Limits, persisted: PersistedDocuments | None = None
    ) -> None:
        self._schema = schema
        self.persisted = PersistedDocuments() if persisted is None else persisted
        self._limits = limits
        self._known: LRUCache[Asked] = LRUCache(REMEMBERED)

    def is_costly(self, body: bytes) -> bool:
        """Whether reading a body takes milliseconds, so that it has to wait for its turn."""
        return len(body) > _SHORT and self._known.get(body) is None

    def of(self, body: bytes) -> Asked:
        """Return the request of a POST.

        Raises:
            Refusal: 400.
            GraphQLError: it names a document that is not known.
        """
        if (found := self._known.get(body)) is not None:
            return found
        given = parse_object(body, self._limits)
        return Asked(from_object(given, self._limits, self.persisted), body)

    def of_query_string(self, given: QueryParams) -> Asked:
        """Return the request of a GET.

        Raises:
            Refusal: 400.
            GraphQLError: it names a document that is not known.
        """
        return Asked(from_query_string(given, self._limits, self.persisted))

    def persist(self, asked: Parameters, owner: Hashable) -> None:
        """Keep a document that has passed every check, if it came with its hash."""
        if asked.hash_to_keep is not None:
            self.persisted.keep(asked.hash_to_keep, asked.query, owner)

    def readable(self, asked: Asked) -> tuple[Operation, int] | None:
        """Return operation and cost of a query that passes every check; None for all others."""
        if asked.readable is None:
            query, name, variables = asked.parameters[:3]
            asked.readable = self._schema.readable(query, name, variables)
            if asked.readable and 0 < len(asked.body) <= LONGEST:
                self._known.keep(asked.body, asked)
        return asked.readable
