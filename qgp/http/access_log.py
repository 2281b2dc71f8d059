"""Access log: one entry per request, with the endpoint's fields; no variables, no secrets."""

import logging as stdlib
import re
from collections.abc import Callable, Hashable, Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from qgp.http import logging
from qgp.http.client_address import masked_network
from qgp.http.request_metrics import COUNTS

# Status of a request whose client hung up before the response began, as nginx logs it.
CLIENT_CLOSED_REQUEST = 499
_TRACE = ("trace_id", "span_id")
_SHARED = (
    "operation_type",
    "operation_name",
    "document_hash",
    "organization",
    "user",
    "read_by",
    "statements",
    "cost",
    "error_code",
    "reason",
)
_log = stdlib.getLogger("qgp.access")
# No id or name has a part of this length: it is the secret of an address, or meant to be one.
_SECRET = re.compile(r"[^/]{41,}")


class LoggedClient(StrEnum):
    """Part of a client's address that is logged."""

    NONE = "none"
    NETWORK = "network"
    ADDRESS = "address"


_PARTS: Mapping[LoggedClient, Callable[[str], str | None]] = {
    LoggedClient.NONE: lambda _: None,
    LoggedClient.NETWORK: masked_network,
    LoggedClient.ADDRESS: lambda host: host or None,
}


class AccessLogEntry(NamedTuple):
    """One answered request.

    Attributes:
        host: the client's address, as trusted proxies forward it; empty if unknown.
        seconds: from the request's head to the end of the response.
    """

    request_id: str
    method: str
    path: str
    host: str
    status: int
    seconds: float


class AccessLog:
    """Log of the answered requests.

    Args:
        client: part of a client's address that is logged.
    """

    def __init__(self, client: LoggedClient = LoggedClient.NETWORK) -> None:
        self._part = _PARTS[client]

    def write(self, entry: AccessLogEntry, log_fields: Mapping[str, Any]) -> None:
        """Count and log a request; status 503 is a WARNING, since a retry helps."""
        COUNTS.add(entry.path, log_fields, status=entry.status, seconds=entry.seconds)
        fields: dict[str, Any] = {
            "request_id": entry.request_id,
            "method": entry.method,
            "path": _SECRET.sub("…", entry.path),
            "status": entry.status,
            "ms": round(entry.seconds * 1000, 2),
        }
        if (client := self._part(entry.host)) is not None:
            fields["client"] = client
        for name in _TRACE:
            if name in log_fields:
                fields[name] = log_fields[name]
        shared = _shared(*map(log_fields.get, _SHARED))
        logging.line(_log, _level(entry.status), "request", fields, shared)


@lru_cache(1024)
def _shared(*values: Hashable) -> logging.SharedFields:
    """Return the fields that equal requests of one caller have in common."""
    named = zip(_SHARED, values, strict=True)
    return logging.SharedFields({name: value for name, value in named if value is not None})


def _level(status: int) -> int:
    if status == 503:
        return stdlib.WARNING
    return stdlib.ERROR if status >= 500 else stdlib.INFO
