"""From a result to the bytes of a response: status, media type, errors, size."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from qgp.http import faults
from qgp.http.faults import Fault
from qgp.http.limits import Limits
from qgp.http.negotiation import GRAPHQL, JSON
from qgp.http.refusal import Refusal
from qgp.http.reply import Reply
from qgp.kit.errors import DomainError, ErrorCode

_STATUS = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "RATE_LIMITED": 429,
    "UNAVAILABLE": 503,
    "TIMEOUT": 503,
    "INTERNAL_SERVER_ERROR": 500,
}
_OUTAGES = {faults.UNAVAILABLE.code, faults.TIMEOUT.code}
_KINDS = {media: f"{media}; charset=utf-8".encode() for media in (GRAPHQL, JSON)}
_VARY = (b"vary", b"Accept")
_CHALLENGE = 'Bearer realm="qgp", error="invalid_token"'


@dataclass
class Answer:
    """Builds the one response of a request.

    Attributes:
        noted: what the access log will say: `operation_name`, `document_hash`, `cost` and the
            first `error_code`.
        extensions: what a result's extensions tell beside its cost.
    """

    request_id: str
    limits: Limits
    noted: dict[str, Any]
    media: str = JSON
    extensions: Mapping[str, Any] = field(default_factory=dict)

    def refused(self, refusal: Refusal) -> Reply:
        """Answer a request that is no GraphQL request."""
        path = {"path": list(refusal.path)} if refusal.path else {}
        fault = Fault(refusal.code, refusal.message, path | dict(refusal.extensions))
        return self._send(refusal.status, {"errors": [self._told(fault)]}, refusal.headers)

    def failed(self, error: Exception, fault: Fault | None = None) -> Reply:
        """Answer an operation that could not run, or not to its end."""
        fault = fault or faults.of_exception(error)
        faults.log(fault, error, request_id=self.request_id)
        return self._without_data(fault, [self._told(fault)])

    def unfit(self, error: DomainError) -> Reply:
        """Answer a request that is no GraphQL request with what is wrong with it."""
        fault = faults.of_exception(error)
        status = 404 if error.code is ErrorCode.NOT_FOUND else 400
        return self._without_data(fault, [self._told(fault)], otherwise=status)

    def executed(self, result: ExecutionResult) -> Reply:
        """Answer with a result: its data, its errors, its cost."""
        self.noted["cost"] = (result.extensions or {}).get("cost")
        before = isinstance(result, PreExecutionError)
        errors = (result.errors or [])[: self.limits.errors]
        found = [faults.of_graphql(error, before_execution=before) for error in errors]
        told = [self._located(*pair) for pair in zip(errors, found, strict=True)]
        if found and (_is_request_error(result) or _is_outage(result, found)):
            return self._without_data(found[0], told)
        body: dict[str, Any] = {"data": result.data}
        if told:
            body["errors"] = told
        if result.extensions:
            body["extensions"] = {**result.extensions, **self.extensions}
        return self._send(200, body)

    def read(self, data: bytes, cost: int) -> Reply:
        """Answer with data that was read by plan, as `executed` would."""
        self.noted["cost"] = cost
        extensions = b'{"cost":%d}' % cost
        if self.extensions:
            extensions = orjson.dumps({"cost": cost, **self.extensions})
        return self._leave(200, b'{"data":%b,"extensions":%b}' % (data, extensions))

    def _without_data(
        self, fault: Fault, errors: list[dict[str, Any]], *, otherwise: int | None = None
    ) -> Reply:
        """A request error is 400; for clients of the older media type it stays 200."""
        usual = otherwise or (400 if self.media == GRAPHQL else 200)
        status = _STATUS.get(fault.code, usual)
        headers = {}
        if status == 401:
            headers["WWW-Authenticate"] = _CHALLENGE
        if seconds := fault.extensions.get("retryAfter"):
            headers["Retry-After"] = str(seconds)
        return self._send(status, {"errors": errors}, headers)

    def _located(self, error: GraphQLError, fault: Fault) -> dict[str, Any]:
        faults.log(
            fault,
            error.original_error or error,
            request_id=self.request_id,
            path=error.path,
        )
        told = self._told(fault)
        if error.locations:
            told["locations"] = [place.formatted for place in error.locations]
        if error.path is not None:
            told["path"] = error.path
        return told

    def _told(self, fault: Fault) -> dict[str, Any]:
        self.noted.setdefault("error_code", fault.code)
        extensions = {**fault.extensions, "code": fault.code, "requestId": self.request_id}
        return {"message": fault.message, "extensions": extensions}

    def _send(
        self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> Reply:
        return self._leave(status, orjson.dumps(body), headers)

    def _leave(
        self, status: int, content: bytes, headers: Mapping[str, str] | None = None
    ) -> Reply:
        if len(content) > self.limits.response_bytes:
            return self._without_data(fault := self._too_long(len(content)), [self._told(fault)])
        told = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
        return Reply(status, content, _KINDS[self.media], (*told, _VARY))

    def _too_long(self, length: int) -> Fault:
        return Fault(
            "QUERY_TOO_COMPLEX",
            f"The answer is {length:,} bytes long; {self.limits.response_bytes:,} are allowed. "
            "Ask for smaller pages or fewer fields. What a mutation changed stays changed.",
            {"limit": "response_bytes", "allowed": self.limits.response_bytes},
        )


def _is_request_error(result: ExecutionResult) -> bool:
    return result.data is None and all(error.path is None for error in result.errors or ())


def _is_outage(result: ExecutionResult, found: list[Fault]) -> bool:
    """Tell whether there is nothing to return but the news that the database is away."""
    empty = all(value is None for value in (result.data or {}).values())
    return empty and all(fault.code in _OUTAGES for fault in found)
