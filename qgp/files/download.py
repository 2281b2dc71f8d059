"""Download of stored files, whole or in ranges, in a form that browsers never execute."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import anyio
from starlette.responses import FileResponse
from starlette.types import Receive, Scope, Send

from qgp.files.byte_ranges import Range, parse_ranges
from qgp.files.media_types import BY_NAME, safe_name
from qgp.files.storage import Address, Source, Storage

# If a browser renders the file anyway: no origin, scripts, forms or requests.
_SANDBOX = "sandbox; default-src 'none'; "
_NO_FRAMES = "frame-ancestors 'none'"
# Viewers of browsers show an image or a PDF as an element of a page with styles.
_VIEWER = "img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; "


@dataclass(frozen=True)
class StoredFile:
    """A stored file with its metadata.

    Attributes:
        content_type: detected media type.
        stored_at: instant of the upload.
        is_inline: whether a browser is to show the file in place, if its type is safe to show.
    """

    address: Address
    size: int
    name: str
    content_type: str
    stored_at: datetime
    is_inline: bool = False

    @property
    def etag(self) -> str:
        """Strong entity tag (RFC 9110, 8.8.3), by the digest."""
        return f'"{self.address.sha256}"'

    @property
    def served_as(self) -> str:
        """Media type of the response: another than detected where a browser could execute it."""
        media = BY_NAME.get(self.content_type)
        return media.served_as or media.name if media else "application/octet-stream"

    @property
    def disposition(self) -> str:
        """Disposition of the response (RFC 6266): inline on request, where the type is safe."""
        media = BY_NAME.get(self.content_type)
        return "inline" if self.is_inline and media and media.is_inline else "attachment"

    @property
    def content_security_policy(self) -> str:
        """Policy against all that a file could do; a file shown in place has its viewer."""
        viewer = _VIEWER if self.disposition == "inline" else ""
        return f"{_SANDBOX}{viewer}{_NO_FRAMES}"


class Download(FileResponse):
    """Response with a stored file; Starlette sends ranges and implements `If-Range` and HEAD.

    Args:
        kept: the stored file.
        source: its open bytes, which the caller closes.
    """

    def __init__(self, kept: StoredFile, source: Source) -> None:
        at = int(kept.stored_at.timestamp())
        values = (stat.S_IFREG, 0, 0, 1, 0, 0, kept.size, at, at, at)
        super().__init__(
            "",
            headers={"ETag": kept.etag, "Content-Security-Policy": kept.content_security_policy},
            media_type=kept.served_as,
            filename=safe_name(kept.name, kept.content_type),
            stat_result=os.stat_result(values),
            content_disposition_type=kept.disposition,
        )
        self._source = source

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        """Provide the open source, where Starlette (1.10, pinned) would open a path."""
        yield self._source  # type: ignore[misc]  # it needs `seek` and `read` alone

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[Range]:
        """Return the ranges to send, in place of Starlette's rules and plain text responses.

        Raises:
            InvalidRange: it is malformed or cannot be satisfied.
        """
        return parse_ranges(http_range, file_size)


async def send_stored(
    kept: StoredFile, storage: Storage, scope: Scope, receive: Receive, send: Send
) -> None:
    """Respond with a stored file; on these errors nothing was sent.

    Raises:
        InvalidRange: the `Range` header field cannot be satisfied.
        FileNotFoundError: the file is missing.
        StorageUnavailable: the storage is unavailable.
    """
    if scope["method"] == "HEAD":  # ranges are for GET alone (RFC 9110, 14.2)
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"range"]}
    async with storage.open(kept.address, kept.size) as source:
        await Download(kept, source)(scope, receive, send)
