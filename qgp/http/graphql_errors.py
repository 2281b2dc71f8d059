"""Classification of errors: the code and message that a client gets, and the log of our own ones.

Errors that a caller can correct keep their message. An outage becomes UNAVAILABLE, an overrun
TIMEOUT, and everything else is masked. These three are logged once: an outage in a line, a bug with
its traceback.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from graphql import GraphQLError
from sqlalchemy import exc

from qgp.http.deadline import DeadlineExceeded
from qgp.kit.availability import RETRY_SECONDS, DatabaseLost
from qgp.kit.errors import DomainError

_log = structlog.get_logger(__name__)
# SQLSTATE: connection exceptions, too little of a resource, operator intervention.
_OUTAGE_STATES = ("08", "53", "57P")
# Cancelled by statement_timeout, or by lock_timeout.
_TIMEOUT_STATES = ("57014", "55P03")


@dataclass(frozen=True)
class ReportedError:
    """Code, message and extensions of one error in a response.

    Attributes:
        is_server_error: whether the server, not the caller, is at fault.
    """

    code: str
    message: str
    extensions: Mapping[str, object] = field(default_factory=dict)
    is_server_error: bool = False


INTERNAL = ReportedError(
    "INTERNAL_SERVER_ERROR",
    "Something went wrong on our side. Try again; if it happens again, tell your administrator "
    "the request id.",
    is_server_error=True,
)
UNAVAILABLE = ReportedError(
    "UNAVAILABLE",
    f"The database cannot be reached. Try again in {RETRY_SECONDS} seconds.",
    {"retryAfter": RETRY_SECONDS},
    is_server_error=True,
)
BUSY = ReportedError(
    UNAVAILABLE.code,
    f"Every database connection is in use. Try again in {RETRY_SECONDS} seconds.",
    UNAVAILABLE.extensions,
    is_server_error=True,
)
TIMEOUT = ReportedError(
    "TIMEOUT",
    "The operation took too long and was stopped. Ask for less at once, then try again.",
    {"retryAfter": RETRY_SECONDS},
    is_server_error=True,
)


_OUTAGES = {DeadlineExceeded: TIMEOUT, exc.TimeoutError: BUSY, OSError: UNAVAILABLE}


def classify_exception(error: BaseException) -> ReportedError:
    """Classify an exception of a resolver, a service or the database."""
    if isinstance(error, DomainError):
        path: Sequence[str] = error.path or ()
        extensions = ({"path": list(path)} if path else {}) | dict(error.extensions)
        return ReportedError(str(extensions["code"]), error.message, extensions)
    if isinstance(error, DatabaseLost):
        return replace(UNAVAILABLE, message=str(error))
    for kind, reported in _OUTAGES.items():
        if isinstance(error, kind):
            return reported
    driver = error.orig if isinstance(error, exc.DBAPIError) else error
    state = getattr(driver, "sqlstate", None) or ""
    if state in _TIMEOUT_STATES:
        return TIMEOUT
    if state.startswith(_OUTAGE_STATES) or getattr(error, "connection_invalidated", False):
        return UNAVAILABLE
    return INTERNAL


def classify_graphql_error(error: GraphQLError, *, before_execution: bool) -> ReportedError:
    """Classify an error of graphql-core.

    Args:
        before_execution: whether it was found while parsing, validating or measuring.
    """
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    coded = error.extensions and error.extensions.get("code")
    if isinstance(cause, DomainError):
        return classify_exception(cause)
    if coded:
        return ReportedError(str(coded), error.message, error.extensions or {})
    is_coercion = error.path is None and not before_execution
    if is_coercion or (isinstance(cause, GraphQLError) and cause.message.startswith("Argument ")):
        return ReportedError("BAD_USER_INPUT", error.message)
    return classify_exception(cause)


def log_server_error(reported: ReportedError, error: BaseException, **context: Any) -> None:
    """Log an error that is the server's, not the caller's."""
    if reported is INTERNAL:
        _log.error(reported.code.lower(), exc_info=error, **context)
    elif reported.is_server_error:
        _log.warning(reported.code.lower(), cause=_cause(error), **context)


def _cause(error: BaseException) -> str:
    """Return the type and SQLSTATE of an error, without a statement or its values."""
    while isinstance(error, GraphQLError) and error.original_error:
        error = error.original_error
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return " ".join(filter(None, [type(error).__name__, state]))
