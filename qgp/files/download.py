"""Download of stored files, whole or in ranges, as attachments that browsers never execute."""

import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import anyio
from starlette.responses import FileResponse, MalformedRangeHeader, RangeNotSatisfiable
from starlette.types import Receive, Scope, Send

from qgp.files import sniffing
from qgp.files.storage import Address, Source, Storage

# If a browser renders the file anyway: no origin, scripts, forms or requests.
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


class InvalidRange(Exception):
    """The `Range` header field is malformed or cannot be satisfied.

    Attributes:
        size: of the file, where the range lies beyond its end; None where it is malformed.
    """

    def __init__(self, size: int | None = None) -> None:
        super().__init__()
        self.size = size


@dataclass(frozen=True)
class StoredFile:
    """A stored file with its metadata.

    Attributes:
        content_type: detected media type.
        stored_at: instant of the upload.
    """

    address: Address
    size: int
    name: str
    content_type: str
    stored_at: datetime

    @property
    def etag(self) -> str:
        """Strong entity tag (RFC 9110, 8.8.3), by the digest."""
        return f'"{self.address.sha256}"'


class Download(FileResponse):
    """Response with a stored file; Starlette implements ranges, `If-Range` and HEAD.

    Args:
        kept: the stored file.
        source: its open bytes, which the caller closes.
    """

    def __init__(self, kept: StoredFile, source: Source) -> None:
        at = int(kept.stored_at.timestamp())
        values = (stat.S_IFREG, 0, 0, 1, 0, 0, kept.size, at, at, at)
        super().__init__(
            "",
            headers={"ETag": kept.etag, "Content-Security-Policy": _SANDBOX},
            media_type=kept.content_type,
            filename=sniffing.safe_name(kept.name, kept.content_type),
            stat_result=os.stat_result(values),
        )
        self._source = source

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        """Provide the open source, where Starlette (1.10, pinned) would open a path."""
        yield self._source  # type: ignore[misc]  # it needs `seek` and `read` alone

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        """Return the ranges to send; empty, for all, where the unit is unknown (RFC 9110, 14.2).

        Raises:
            UnfitRange: in place of Starlette's plain text response.
        """
        unit, _, _ = http_range.partition("=")
        if unit.strip().lower() != "bytes":
            return []
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            raise InvalidRange from None
        except RangeNotSatisfiable:
            raise InvalidRange(file_size) from None


async def send_stored(
    kept: StoredFile, storage: Storage, scope: Scope, receive: Receive, send: Send
) -> None:
    """Respond with a stored file; on these errors nothing was sent.

    Raises:
        UnfitRange: the `Range` header field cannot be satisfied.
        FileNotFoundError: the file is missing.
        StorageAway: the storage is unavailable.
    """
    async with storage.open(kept.address, kept.size) as source:
        await Download(kept, source)(scope, receive, send)
