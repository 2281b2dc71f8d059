"""Repeated heads: heads of requests that have arrived before, byte for byte.

A client repeats its head with every request of a connection. To parse six headers, and to check
what they say, takes as long as the rest of a short answer.
"""

from typing import NamedTuple

from qgp.http.request_head import RequestHead
from qgp.http.request_id import NAME as REQUEST_ID
from qgp.http.tracing import NAME as TRACE
from qgp.kit.lru_cache import LRUCache

HEADS_MAX = 512
HEAD_BYTES_MAX = 4096
_END = b"\r\n\r\n"
_PER_REQUEST = (REQUEST_ID, TRACE)


class CheckedHead(NamedTuple):
    """Head of a request that the fast path may answer, by what its headers say.

    Attributes:
        media_type: media type of the response.
        trace: fields of the access log that identify the trace.
    """

    head: RequestHead
    media_type: str
    origin: bytes | None
    trace: dict[str, str]


class RepeatedHeads:
    """The recent heads of one process that the fast path may answer, by their bytes."""

    def __init__(self) -> None:
        self._cached: LRUCache[tuple[CheckedHead, int]] = LRUCache(HEADS_MAX)

    def find(self, data: bytes) -> tuple[CheckedHead, bytes] | None:
        """Return head and body if data are one whole request with a repeated head, else None.

        Args:
            data: bytes that begin where a request begins.
        """
        end = data.find(_END) + len(_END)
        cached = self._cached.get(data[:end])
        if cached is None or len(data) - end != cached[1]:
            return None
        return cached[0], data[end:]

    def remember(self, data: bytes, body: bytes, checked: CheckedHead) -> None:
        """Remember the head of a request, as whose body the parser has read `body`.

        Not if a header differs in each request, nor unless the data are the head and as many bytes
        of a body as it says: chunks, for example, or the beginning of a further request.
        """
        end, head = data.find(_END) + len(_END), checked.head
        if end > HEAD_BYTES_MAX or data[end:] != body or any(map(head.raw, _PER_REQUEST)):
            return
        if head.raw(b"content-length") == b"%d" % len(body):
            self._cached.put(data[:end], (checked, len(body)))
