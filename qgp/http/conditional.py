"""Answers to GET that a client may keep and ask about: ETag and 304 (RFC 9110, 13)."""

from hashlib import sha256

from qgp.http.head import Head
from qgp.http.reply import Reply
from qgp.http.sdl import has_tag


def conditional(reply: Reply, head: Head) -> Reply:
    """Add the tag of an answer, or return 304 where the caller has the same already.

    The tag is weak, since a compressed answer is another sequence of bytes. A browser may keep the
    answer for its user alone, and has to ask each time.
    """
    etag = f'W/"{sha256(reply.media + reply.body).hexdigest()[:32]}"'
    headers = (
        *reply.headers,
        (b"vary", b"Authorization"),
        (b"etag", etag.encode()),
        (b"cache-control", b"private, no-cache"),
    )
    if has_tag([head.joined(b"if-none-match")], etag.removeprefix("W/")):
        return Reply(304, b"", b"", headers)
    return Reply(reply.status, reply.body, reply.media, headers)
