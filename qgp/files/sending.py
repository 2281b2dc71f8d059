"""Bytes on their way out: whole or in ranges, to be saved and never to be run."""

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

# Where it is shown all the same it has no origin, no scripts, no forms and no other requests.
_NO_RIGHTS = "sandbox; default-src 'none'; frame-ancestors 'none'"


class UnfitRange(Exception):
    """The `Range` of a request names no part of the bytes.

    Attributes:
        size: of the bytes, where the range lies behind their end; None where it is malformed.
    """

    def __init__(self, size: int | None = None) -> None:
        super().__init__()
        self.size = size


@dataclass(frozen=True)
class Kept:
    """Bytes that are kept, and how they are called.

    Attributes:
        kind: their type, as sniffed.
        since: when they were stored.
    """

    address: Address
    size: int
    name: str
    kind: str
    since: datetime

    @property
    def etag(self) -> str:
        """The strong validator (RFC 9110, 8.8.3): the same bytes, wherever they are."""
        return f'"{self.address.sha256}"'


class Download(FileResponse):
    """An answer with kept bytes; Starlette knows ranges, `If-Range` and HEAD.

    Args:
        source: opened; who opened it closes it.
    """

    def __init__(self, kept: Kept, source: Source) -> None:
        at = int(kept.since.timestamp())
        facts = (stat.S_IFREG, 0, 0, 1, 0, 0, kept.size, at, at, at)
        super().__init__(
            "",
            headers={"ETag": kept.etag, "Content-Security-Policy": _NO_RIGHTS},
            media_type=kept.kind,
            filename=sniffing.fitting(kept.name, kept.kind),
            stat_result=os.stat_result(facts),
        )
        self._source = source

    @asynccontextmanager
    async def _open_file(self) -> AsyncIterator[anyio.AsyncFile[bytes]]:
        """Read from any storage, where Starlette (1.10, pinned) would open a path."""
        yield self._source  # type: ignore[misc]  # it needs `seek` and `read` alone

    @classmethod
    def _parse_range_header(cls, http_range: str, file_size: int) -> list[tuple[int, int]]:
        """Return the parts to send; none, for all, where the unit is unknown (RFC 9110, 14.2).

        Raises:
            UnfitRange: in place of Starlette's answer in plain text.
        """
        unit, _, _ = http_range.partition("=")
        if unit.strip().lower() != "bytes":
            return []
        try:
            return super()._parse_range_header(http_range, file_size)
        except MalformedRangeHeader:
            raise UnfitRange from None
        except RangeNotSatisfiable:
            raise UnfitRange(file_size) from None


async def send_kept(
    kept: Kept, storage: Storage, scope: Scope, receive: Receive, send: Send
) -> None:
    """Answer with the bytes.

    Raises:
        UnfitRange: a part is asked for that there is not; nothing was sent.
        FileNotFoundError: they are not there; nothing was sent.
        StorageAway: likewise.
    """
    async with storage.open(kept.address, kept.size) as source:
        await Download(kept, source)(scope, receive, send)
