"""Conditional GET: the ETag of a response, and 304 for a client that has it (RFC 9110, 13)."""

from hashlib import sha256

from qgp.http.request_head import RequestHead
from qgp.http.response import BufferedResponse
from qgp.http.sdl import has_tag


def conditional(response: BufferedResponse, head: RequestHead) -> BufferedResponse:
    """Add the ETag of a response, or return 304 if the caller has the same already.

    The tag is weak, since a compressed response is another sequence of bytes. A browser may keep
    the response for its user alone, and has to revalidate it each time.
    """
    etag = f'W/"{sha256(response.media_type + response.body).hexdigest()[:32]}"'
    headers = (
        *response.headers,
        (b"vary", b"Authorization"),
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
    )
    if has_tag([head.joined(b"if-none-match")], etag.removeprefix("W/")):
        return BufferedResponse(304, b"", b"", headers)
    return BufferedResponse(response.status, response.body, response.media_type, headers)
