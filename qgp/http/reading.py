"""What the endpoint asks before it executes a query: whether somebody has the answer at hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from qgp.kit.gql.operation import Answered, Operation
from qgp.kit.policy import SignedIn

EXPLAIN = b"x-qgp-explain"  # the request header, with the value `plan`


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose sign-in is remembered.

    Attributes:
        noted: what the access log says of them, `organization` and `user`.
    """

    signed_in: SignedIn
    noted: Mapping[str, Any]


class Reader(Protocol):
    """Answers queries without executing them.

    It is asked only for queries within the limits and valid for everybody. Whatever it cannot
    answer, or fails to, the ordinary way answers, and words what is wrong.
    """

    def caller(self, authorization: str) -> Caller | None:
        """Return who sends this header, without any I/O, or None where that is not known."""
        ...

    async def read(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller, *, explain: bool
    ) -> Answered | None:
        """Return the data as it stands now, or None; or only why there is none.

        Whoever reads has to see to it that the caller's sign-in still holds.

        Args:
            explain: whether the extensions shall tell how it was read.
        """
        ...
