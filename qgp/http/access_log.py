"""One line per request, with what the endpoint noted about it; never variables, never secrets."""

import logging as stdlib
from collections.abc import Mapping
from typing import Any

from qgp.http import logging
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
)
_log = stdlib.getLogger("qgp.access")


def write(
    request_id: str,
    method: str,
    path: str,
    noted: Mapping[str, Any],
    *,
    status: int,
    seconds: float,
) -> None:
    """Count and log a request whose answer has left."""
    COUNTS.add(path, noted, status=status, seconds=seconds)
    fields = {
        "request_id": request_id,
        "method": method,
        "path": path,
        "status": status,
        "ms": round(seconds * 1000, 2),
    }
    for name in _NOTED:
        if (value := noted.get(name)) is not None:
            fields[name] = value
    level = stdlib.ERROR if status >= 500 else stdlib.INFO
    logging.line(_log, level, "request", fields)
