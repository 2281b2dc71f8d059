"""Requests as their bytes say, and those seen lately, which need not be read again.

Only queries that pass every check are remembered: a refusal is found, and worded, anew each time,
and what a mutation is given, a password perhaps, is not kept.
"""

from dataclasses import dataclass

from qgp.http.body import parse_object
from qgp.http.limits import Limits
from qgp.http.parameters import Parameters, from_object
from qgp.http.schema import GuardedSchema
from qgp.kit.gql.operation import Operation
from qgp.kit.memory import Bounded

REMEMBERED = 1_024
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

    def __init__(self, schema: GuardedSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._known: Bounded[Asked] = Bounded(REMEMBERED)

    def of(self, body: bytes) -> Asked:
        """Return the request of a POST.

        Raises:
            Refusal: 400.
        """
        found = self._known.get(body)
        return found or Asked(from_object(parse_object(body, self._limits), self._limits), body)

    def readable(self, asked: Asked) -> tuple[Operation, int] | None:
        """Return operation and cost of a query that passes every check; None for all others."""
        if asked.readable is None:
            query, name, variables, _ = asked.parameters
            asked.readable = self._schema.readable(query, name, variables)
            if asked.readable and 0 < len(asked.body) <= LONGEST:
                self._known.keep(asked.body, asked)
        return asked.readable
