"""One id per request: in the answer, in every log line, in every error."""

import re
from uuid import uuid4

HEADER = "X-Request-ID"
_HARMLESS = re.compile(r"[A-Za-z0-9-]{1,64}")


def request_id(given: str) -> str:
    """Return the caller's id if it is harmless, else a new one."""
    return given if _HARMLESS.fullmatch(given) else str(uuid4())
