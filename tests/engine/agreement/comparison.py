"""Comparison of both paths: one operation by the same person with the same request id."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any

from qgp.app import Application
from qgp.kit import clock
from tests import asgi
from tests.company import Client, client
from tests.engine.agreement.people import Person
from tests.engine.agreement.read_path import HEADER, ReadPath, path_of

# Errors as JSON, by the place of the null that they caused and by the fields of their path.
Errors = dict[tuple[str | int, ...], dict[tuple[str, ...], set[str]]]
MOST_TRIES = 3
NO_ANSWER = 0
ACCEPTS = ("application/json", "application/graphql-response+json")


@dataclass(frozen=True)
class Request:
    """A request of a client."""

    document: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    accept: str = ACCEPTS[0]

    @property
    def body(self) -> Mapping[str, Any]:
        """The request's body."""
        content: dict[str, Any] = {"query": self.document, "variables": self.variables}
        if self.operation_name is not None:
            content["operationName"] = self.operation_name
        return content


@dataclass(frozen=True)
class Answer:
    """A response, as far as clients can distinguish it.

    Attributes:
        status: NO_ANSWER where the application fell over.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, response: asgi.Response) -> "Answer":
        """Keep what is compared of a response."""
        headers = {name: text for name, text in response.headers.items() if name != HEADER}
        return cls(response.status_code, headers, response.content)

    @classmethod
    def none(cls, error: BaseException) -> "Answer":
        """Keep that there was no answer."""
        return cls(NO_ANSWER, {}, repr(error).encode())


@dataclass(frozen=True)
class Verdict:
    """The answers of both paths."""

    resolvers: Answer
    planned: Answer
    path: ReadPath

    @property
    def agrees(self) -> bool:
        """Whether both answered, and a client could not tell the answers apart."""
        if self.resolvers.status == NO_ANSWER:
            return False
        return self.resolvers == self.planned or self._tells_of_a_sibling

    @property
    def _tells_of_a_sibling(self) -> bool:
        """Whether they differ only in the reported error, of several below one null.

        Where several fail at once and null what stands above them, graphql-core tells of the one
        that was first in time, and leaves out those that fail later.
        """
        if self.resolvers.status != 200 or self.planned.status != 200:
            return False
        one, other = json.loads(self.resolvers.body), json.loads(self.planned.body)
        errors, others = _errors_below_nulls(one), _errors_below_nulls(other)
        return (
            bool(errors)
            and _without_errors(one) == _without_errors(other)
            and errors.keys() == others.keys()
            and all(
                errors[null][path] == others[null][path]
                for null in errors
                for path in errors[null].keys() & others[null].keys()
            )
        )

    @property
    def is_outage(self) -> bool:
        """Whether one of them was too busy to answer, which proves nothing."""
        return not {429, 503}.isdisjoint({self.resolvers.status, self.planned.status})

    @property
    def difference(self) -> str:
        """The first difference, with its surroundings."""
        one, other = self.resolvers, self.planned
        if NO_ANSWER in {one.status, other.status}:
            return (
                f"no answer, {one.status} {one.body[:99]!r} and {other.status} {other.body[:99]!r}"
            )
        if one.status != other.status:
            return f"status {one.status} != {other.status}"
        if one.body != other.body:
            return _first_difference(one.body, other.body)
        names = sorted(one.headers.keys() | other.headers.keys())
        differing = [n for n in names if one.headers.get(n) != other.headers.get(n)]
        texts = (f"{n}: {one.headers.get(n)!r} != {other.headers.get(n)!r}" for n in differing)
        return "headers " + ", ".join(texts)


def _without_errors(answer: dict[str, Any]) -> str:
    return json.dumps({name: value for name, value in answer.items() if name != "errors"})


def _errors_below_nulls(answer: dict[str, Any]) -> Errors:
    """Return the errors by the null that they caused and by their path, without places in lists."""
    errors: Errors = defaultdict(lambda: defaultdict(set))
    for error in answer.get("errors", []):
        path = error.get("path", [])
        fields = tuple(step for step in path if not isinstance(step, int))
        rest = {name: value for name, value in error.items() if name != "path"}
        errors[_null_above(answer.get("data"), path)][fields].add(json.dumps(rest, sort_keys=True))
    return errors


def _null_above(data: Any, path: Sequence[str | int]) -> tuple[str | int, ...]:
    """Return the first place on the path where the data is null."""
    for length, step in enumerate(path):
        if data is None:
            return tuple(path[:length])
        data = data[step]
    return tuple(path)


@dataclass
class Judge:
    """Sends requests to both paths, at the same fixed time of the clock."""

    resolvers: Application
    planned: Application
    _clients: dict[tuple[int, str], Client] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    _asked: int = 0

    async def __aenter__(self) -> "Judge":
        self._at = clock.now()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def compare(self, person: Person, request: Request) -> Verdict:
        """Ask both at once and return what they say; again, if one of them had no time to."""
        for _ in range(MOST_TRIES):
            verdict = await self._ask(person, request)
            if verdict.agrees or not verdict.is_outage:
                break
        return verdict

    async def _ask(self, person: Person, request: Request) -> Verdict:
        self._asked += 1
        headers = {
            "x-request-id": f"judge-{self._asked:08}",
            "accept": request.accept,
        }
        with clock.fixed(self._at):
            (one, _), (other, path) = await asyncio.gather(
                *[self._answer(side, person, request.body, headers) for side in (0, 1)]
            )
        return Verdict(one, other, path)

    async def _answer(
        self, side: int, person: Person, body: Mapping[str, Any], headers: Mapping[str, str]
    ) -> tuple[Answer, ReadPath]:
        client = await self._client(side, person)
        try:
            response = await client.post(body, **headers)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return Answer.none(error), ReadPath.RESOLVERS
        return Answer.of(response), path_of(response)

    async def _client(self, side: int, person: Person) -> Client:
        key = side, person.name
        if key not in self._clients:
            application = (self.resolvers, self.planned)[side]
            connected = client(application, person.token)
            self._clients[key] = await self._stack.enter_async_context(connected)
        return self._clients[key]


def _first_difference(one: bytes, other: bytes) -> str:
    shorter = min(len(one), len(other))
    place = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    start = max(place - 120, 0)
    shown: Sequence[str] = [
        text[start : place + 120].decode(errors="replace") for text in (one, other)
    ]
    return f"body, from byte {place}:\n  reference …{shown[0]}…\n  planned   …{shown[1]}…"
