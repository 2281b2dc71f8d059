"""Response builder: status, media type, errors and size of the response to one GraphQL request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLError
from strawberry.types import ExecutionResult
from strawberry.types.execution import PreExecutionError

from qgp.http import graphql_errors
from qgp.http.document_cache import ValidationFailed
from qgp.http.graphql_errors import ReportedError
from qgp.http.headers import Pair
from qgp.http.http_errors import HttpError
from qgp.http.limits import Limits
from qgp.http.negotiation import GRAPHQL, JSON
from qgp.http.response import BufferedResponse
from qgp.kit.availability import Availability
from qgp.kit.error_codes import ErrorCode
from qgp.kit.errors import DomainError

_STATUS = {
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "RATE_LIMITED": 429,
    "UNAVAILABLE": 503,
    "TIMEOUT": 503,
    "INTERNAL_SERVER_ERROR": 500,
}
_OUTAGES = {graphql_errors.UNAVAILABLE.code, graphql_errors.TIMEOUT.code}
_CONTENT_TYPES = {media: f"{media}; charset=utf-8".encode() for media in (GRAPHQL, JSON)}
_ONLY_VARY: Sequence[Pair] = ((b"vary", b"Accept"),)
_CHALLENGE = 'Bearer realm="qgp", error="invalid_token"'


@dataclass
class ResponseBuilder:
    """Builds the one response of a request.

    Attributes:
        log_fields: fields of the access log: `operation_name`, `document_hash`, `cost` and the
            first `error_code`.
        extensions: entries of a result's extensions beside its cost.
        availability: availability of the database, whose loss explains broken connections.
    """

    request_id: str
    limits: Limits
    log_fields: dict[str, Any]
    media_type: str = JSON
    extensions: Mapping[str, Any] = field(default_factory=dict)
    availability: Availability | None = None

    def from_error(self, error: Exception) -> BufferedResponse:
        """Answer a request that did not become an operation, or not to its end."""
        if isinstance(error, HttpError):
            return self.from_http_error(error)
        if isinstance(error, ValidationFailed):
            return self.from_result(PreExecutionError(data=None, errors=error.errors))
        if isinstance(error, GraphQLError):
            return self.from_result(PreExecutionError(data=None, errors=[error]))
        return self.from_exception(error)

    def from_http_error(self, error: HttpError) -> BufferedResponse:
        """Answer a request that is no GraphQL request."""
        path = {"path": list(error.path)} if error.path else {}
        reported = ReportedError(error.code, error.message, path | dict(error.extensions))
        return self._respond(error.status, {"errors": [self._error(reported)]}, error.headers)

    def from_exception(self, error: Exception) -> BufferedResponse:
        """Answer an operation that could not run, or not to its end."""
        reported = self._explained(graphql_errors.classify_exception(error))
        graphql_errors.log_server_error(reported, error, request_id=self.request_id)
        return self._without_data(reported, [self._error(reported)])

    def from_domain_error(self, error: DomainError) -> BufferedResponse:
        """Answer a request outside GraphQL that the domain refuses: 404 or 400 by default."""
        reported = graphql_errors.classify_exception(error)
        status = 404 if error.code is ErrorCode.NOT_FOUND else 400
        return self._without_data(reported, [self._error(reported)], default_status=status)

    def from_result(self, result: ExecutionResult) -> BufferedResponse:
        """Answer with the data, errors and cost of an executed operation."""
        self.log_fields["cost"] = (result.extensions or {}).get("cost")
        before = isinstance(result, PreExecutionError)
        causes = (result.errors or [])[: self.limits.errors]
        reported = [
            self._explained(graphql_errors.classify_graphql_error(cause, before_execution=before))
            for cause in causes
        ]
        errors = [self._located(*pair) for pair in zip(causes, reported, strict=True)]
        if reported and (before or _is_request_error(result) or _is_outage(result, reported)):
            return self._without_data(reported[0], errors)
        body: dict[str, Any] = {"data": result.data}
        if errors:
            body["errors"] = errors
        if result.extensions:
            body["extensions"] = {**result.extensions, **self.extensions}
        return self._respond(200, body)

    def _explained(self, reported: ReportedError) -> ReportedError:
        """State why the database cannot be reached, where this process has closed connections."""
        lost = None if self.availability is None else self.availability.loss
        if lost is None or reported != graphql_errors.UNAVAILABLE:
            return reported
        return graphql_errors.classify_exception(lost)

    def from_execution(self, result: ExecutionResult) -> BufferedResponse:
        """Answer as `from_result`; explain what partial plans of the operation have read."""
        parts = self.log_fields.pop("parts", [])
        if plan := self.extensions.get("plan"):
            self.extensions = {"plan": {**plan, "parts": parts}}
        return self.from_result(result)

    def from_data(self, data: bytes, cost: int) -> BufferedResponse:
        """Answer with the JSON of `data` that a plan returned, as `from_result` would."""
        self.log_fields["cost"] = cost
        extensions = b'{"cost":%d}' % cost
        if self.extensions:
            extensions = orjson.dumps({"cost": cost, **self.extensions})
        return self._buffer(200, b'{"data":%b,"extensions":%b}' % (data, extensions))

    def _without_data(
        self,
        reported: ReportedError,
        errors: list[dict[str, Any]],
        *,
        default_status: int | None = None,
    ) -> BufferedResponse:
        """A request error is 400; for clients of the older media type it stays 200."""
        default_status = default_status or (400 if self.media_type == GRAPHQL else 200)
        status = _STATUS.get(reported.code, default_status)
        headers = {}
        if status == 401:
            headers["WWW-Authenticate"] = _CHALLENGE
        if seconds := reported.extensions.get("retryAfter"):
            headers["Retry-After"] = str(seconds)
        return self._respond(status, {"errors": errors}, headers)

    def _located(self, cause: GraphQLError, reported: ReportedError) -> dict[str, Any]:
        graphql_errors.log_server_error(
            reported,
            cause.original_error or cause,
            request_id=self.request_id,
            path=cause.path,
        )
        error = self._error(reported)
        if cause.locations:
            error["locations"] = [location.formatted for location in cause.locations]
        if cause.path is not None:
            error["path"] = cause.path
        return error

    def _error(self, reported: ReportedError) -> dict[str, Any]:
        self.log_fields.setdefault("error_code", reported.code)
        extensions = {
            **reported.extensions,
            "code": reported.code,
            "requestId": self.request_id,
        }
        return {"message": reported.message, "extensions": extensions}

    def _respond(
        self, status: int, body: dict[str, Any], headers: Mapping[str, str] | None = None
    ) -> BufferedResponse:
        return self._buffer(status, orjson.dumps(body), headers)

    def _buffer(
        self, status: int, body: bytes, headers: Mapping[str, str] | None = None
    ) -> BufferedResponse:
        if len(body) > self.limits.response_bytes:
            reported = self._too_long(len(body))
            return self._without_data(reported, [self._error(reported)])
        return BufferedResponse(status, body, _CONTENT_TYPES[self.media_type], _pairs(headers))

    def _too_long(self, length: int) -> ReportedError:
        return ReportedError(
            "QUERY_TOO_COMPLEX",
            f"The answer is {length:,} bytes long; {self.limits.response_bytes:,} are allowed. "
            "Ask for smaller pages or fewer fields. What a mutation changed stays changed.",
            {"limit": "response_bytes", "allowed": self.limits.response_bytes},
        )


def _pairs(headers: Mapping[str, str] | None) -> Sequence[Pair]:
    if not headers:
        return _ONLY_VARY
    pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return (*pairs, *_ONLY_VARY)


def _is_request_error(result: ExecutionResult) -> bool:
    return result.data is None and all(error.path is None for error in result.errors or ())


def _is_outage(result: ExecutionResult, reported: list[ReportedError]) -> bool:
    """Whether the result has no data, and every error is an outage of the database."""
    empty = all(value is None for value in (result.data or {}).values())
    return empty and all(error.code in _OUTAGES for error in reported)
