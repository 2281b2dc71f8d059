"""The short way: who has the answer to a query at hand gives it, and nothing is executed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from qgp.http.answer import Answer
from qgp.http.head import Head
from qgp.http.reply import Reply
from qgp.http.requests import Asked, Requests
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

    @property
    def user_id(self) -> UUID:
        """The user whose requests these are."""
        return self.signed_in.principal.user_id


class Reader(Protocol):
    """Answers queries without executing them.

    It is asked only for queries within the limits and valid for everybody. Whatever it cannot
    answer, or fails to, the ordinary way answers, and words what is wrong.
    """

    def caller(self, authorization: str) -> Caller | None:
        """Return who sends this header, without any I/O, or None where that is not known."""
        ...

    def at_hand(
        self, operation: Operation, variables: Mapping[str, Any], caller: Caller
    ) -> Answered | None:
        """Return the data of a query that reads nothing, without any I/O, or None."""
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


@dataclass(frozen=True, slots=True)
class Question:
    """A query that passes every check, from somebody who is known."""

    operation: Operation
    cost: int
    variables: Mapping[str, Any]
    caller: Caller
    explain: bool


class Reading:
    """Asks a reader for queries that pass every check, from somebody it knows.

    Args:
        explain: whether a caller may ask how a query was read.
    """

    def __init__(self, reader: Reader, requests: Requests, *, explain: bool) -> None:
        self._reader, self._requests, self._explain = reader, requests, explain

    def question(self, head: Head, asked: Asked) -> Question | None:
        """Return what the reader may be asked, or None where the request has to be executed.

        Who calls comes first: nobody's document is looked at whose token would be refused.

        Raises:
            Exception: the ordinary way meets what is wrong again, and words it.
        """
        authorization = head.get(b"authorization")
        if not authorization or (caller := self._reader.caller(authorization)) is None:
            return None
        if (found := self._requests.readable(asked)) is None:
            return None
        explain = self._explain and head.get(EXPLAIN) == "plan"
        return Question(*found, asked.parameters.variables, caller, explain)

    def at_hand(self, question: Question, answer: Answer) -> Reply | None:
        """Answer without any I/O, or return None."""
        operation, caller = question.operation, question.caller
        if question.explain or not operation.reads_nothing:
            return None
        found = self._reader.at_hand(operation, question.variables, caller)
        return None if found is None else _told(question, found, answer)

    async def read(self, question: Question, answer: Answer) -> Reply | None:
        """Answer without an execution, or return None; the answer then knows why."""
        answer.noted["document_hash"] = question.operation.sha256
        found = await self._reader.read(
            question.operation, question.variables, question.caller, explain=question.explain
        )
        if found is None:
            return None
        answer.extensions = found.extensions
        return None if found.data is None else _told(question, found, answer)


def _told(question: Question, found: Answered, answer: Answer) -> Reply:
    operation = question.operation
    answer.noted.update(
        question.caller.noted,
        read_by="plan",
        operation_type="query",
        document_hash=operation.sha256,
        operation_name=operation.name,
        statements=found.statements,
    )
    assert found.data is not None
    return answer.read(found.data, question.cost)
