"""W3C Trace Context: trace and span of a request, for the log."""

import re

from qgp.http.request_head import RequestHead
from qgp.http.request_id import random_hex

NAME = b"traceparent"
# Later versions may add fields behind the four of version 00; ff is no version.
_TRACEPARENT = re.compile(
    r"(?!ff)(?P<version>[0-9a-f]{2})-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}"
    r"-[0-9a-f]{2}(?P<more>-.*)?"
)


def trace_of(head: RequestHead) -> dict[str, str]:
    """Return the `trace_id` and a new `span_id`; empty if the header is missing or malformed."""
    if head.raw(NAME) is None:
        return {}
    match = _TRACEPARENT.fullmatch(head.joined(NAME).strip())
    if match is None or (match["more"] and match["version"] == "00"):
        return {}
    return {"trace_id": match["trace"], "span_id": random_hex()[:16]}
