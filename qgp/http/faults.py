"""What an error says to a client: its code, its message, and whether anybody has to be woken.

Failures a caller can mend keep their words. An outage becomes UNAVAILABLE, an overrun TIMEOUT,
and everything else is masked. These three are logged, once: an outage in a line, a bug with its
traceback.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import structlog
from graphql import GraphQLError
from sqlalchemy import exc

from qgp.http.deadline import Late
from qgp.kit.availability import RETRY_SECONDS, DatabaseLost
from qgp.kit.errors import DomainError

_log = structlog.get_logger(__name__)
# SQLSTATE: connection exceptions, too little of a resource, operator intervention.
_AWAY_STATES = ("08", "53", "57P")
# Cancelled by statement_timeout, or by lock_timeout.
_LATE_STATES = ("57014", "55P03")


@dataclass(frozen=True)
class Fault:
    """One error as it will be told."""

    code: str
    message: str
    extensions: Mapping[str, object] = field(default_factory=dict)
    is_ours: bool = False


INTERNAL = Fault(
    "INTERNAL_SERVER_ERROR",
    "Something went wrong on our side. Try again; if it happens again, tell your administrator "
    "the request id.",
    is_ours=True,
)
UNAVAILABLE = Fault(
    "UNAVAILABLE",
    f"The database cannot be reached. Try again in {RETRY_SECONDS} seconds.",
    {"retryAfter": RETRY_SECONDS},
    is_ours=True,
)
BUSY = Fault(
    UNAVAILABLE.code,
    f"Every database connection is in use. Try again in {RETRY_SECONDS} seconds.",
    UNAVAILABLE.extensions,
    is_ours=True,
)
TIMEOUT = Fault(
    "TIMEOUT",
    "The operation took too long and was stopped. Ask for less at once, then try again.",
    {"retryAfter": RETRY_SECONDS},
    is_ours=True,
)


_OUTAGES = {Late: TIMEOUT, exc.TimeoutError: BUSY, OSError: UNAVAILABLE}


def of_exception(error: BaseException) -> Fault:
    """Classify what a resolver, a service or the database raised."""
    if isinstance(error, DomainError):
        path: Sequence[str] = error.path or ()
        extensions = ({"path": list(path)} if path else {}) | dict(error.extensions)
        return Fault(str(extensions["code"]), error.message, extensions)
    if isinstance(error, DatabaseLost):
        return replace(UNAVAILABLE, message=str(error))
    for kind, fault in _OUTAGES.items():
        if isinstance(error, kind):
            return fault
    driver = error.orig if isinstance(error, exc.DBAPIError) else error
    state = getattr(driver, "sqlstate", None) or ""
    if state in _LATE_STATES:
        return TIMEOUT
    if state.startswith(_AWAY_STATES) or getattr(error, "connection_invalidated", False):
        return UNAVAILABLE
    return INTERNAL


def of_graphql(error: GraphQLError, *, before_execution: bool) -> Fault:
    """Classify an error that GraphQL reports."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error:
        cause = cause.original_error
    coded = error.extensions and error.extensions.get("code")
    if isinstance(cause, DomainError):
        return of_exception(cause)
    if coded:
        return Fault(str(coded), error.message, error.extensions or {})
    is_coercion = error.path is None and not before_execution
    if is_coercion or (isinstance(cause, GraphQLError) and cause.message.startswith("Argument ")):
        return Fault("BAD_USER_INPUT", error.message)
    return of_exception(cause)


def log(fault: Fault, error: BaseException, **where: Any) -> None:
    """Log a fault of ours; other faults are the caller's own business."""
    if fault is INTERNAL:
        _log.error(fault.code.lower(), exc_info=error, **where)
    elif fault.is_ours:
        _log.warning(fault.code.lower(), cause=_named(error), **where)


def _named(error: BaseException) -> str:
    """Name what failed, without a statement or its values."""
    while isinstance(error, GraphQLError) and error.original_error:
        error = error.original_error
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return " ".join(filter(None, [type(error).__name__, state]))
