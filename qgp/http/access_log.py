"""One line per request, with what the endpoint noted about it; never variables, never secrets."""

import logging as stdlib
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from qgp.http import logging
from qgp.http.client_address import masked_network
from qgp.http.request_metrics import COUNTS

_NOTED = (
    "trace_id",
    "span_id",
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


class Line(NamedTuple):
    """One answered request.

    Attributes:
        host: the client's address, after what trusted proxies say of it; empty if unknown.
        seconds: from the request's head to the end of the answer.
    """

    request_id: str
    method: str
    path: str
    host: str
    status: int
    seconds: float


class AccessLog:
    """Log of the requests whose answers have left.

    Args:
        client: what it says of a client's address.
    """

    def __init__(self, client: LoggedClient = LoggedClient.NETWORK) -> None:
        self._part = _PARTS[client]

    def write(self, line: Line, noted: Mapping[str, Any]) -> None:
        """Count and log a request; an answer 503 is a WARNING, since trying again helps."""
        COUNTS.add(line.path, noted, status=line.status, seconds=line.seconds)
        fields: dict[str, Any] = {
            "request_id": line.request_id,
            "method": line.method,
            "path": line.path,
            "status": line.status,
            "ms": round(line.seconds * 1000, 2),
        }
        if (client := self._part(line.host)) is not None:
            fields["client"] = client
        for name in _NOTED:
            if (value := noted.get(name)) is not None:
                fields[name] = value
        logging.line(_log, _level(line.status), "request", fields)


def _level(status: int) -> int:
    if status == 503:
        return stdlib.WARNING
    return stdlib.ERROR if status >= 500 else stdlib.INFO
