"""One line per request, with what the endpoint noted about it; never variables, never secrets."""

import logging as stdlib
from collections.abc import Mapping
from typing import Any

from starlette.types import Scope

from qgp.http import logging

_NOTED = (
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


def write(scope: Scope, *, status: int, seconds: float) -> None:
    """Log method, path, status and milliseconds of a request whose answer has left."""
    noted: Mapping[str, Any] = scope["state"]["graphql"]
    fields = {
        "method": scope["method"],
        "path": scope["path"],
        "status": status,
        "ms": round(seconds * 1000, 2),
    }
    for name in _NOTED:
        if (value := noted.get(name)) is not None:
            fields[name] = value
    level = stdlib.ERROR if status >= 500 else stdlib.INFO
    logging.line(_log, level, "request", fields)
