"""Upload of a file to a draft on disk, in constant memory, checked against its declaration."""

import asyncio
import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

from qgp.files import sniffing
from qgp.files.storage import StorageUnavailable

WRITE_SIZE = 1024 * 1024  # bytes that are buffered for one write
_PRIVATE = 0o600


@dataclass(frozen=True)
class DeclaredFile:
    """Size, digest and name of a file, as declared before its upload.

    Attributes:
        size: exact number of bytes.
        sha256: 64 lower-case hexadecimal digits.
        name: its extension distinguishes kinds of text, and videos of several brands.
    """

    size: int
    sha256: str
    name: str


class UploadTooLarge(Exception):
    """The upload has more bytes than declared; the rest was not read."""


class UploadMismatch(Exception):
    """The upload has another size or digest than declared."""

    def __init__(self, *, size: int, sha256: str) -> None:
        super().__init__(size, sha256)
        self.size, self.sha256 = size, sha256


@dataclass
class Draft:
    """A file that is being written to disk.

    Attributes:
        size: bytes received so far.
        content_type: detected media type, once the file is complete.
    """

    path: Path
    size: int = 0
    content_type: str = ""
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _handle: int = -1

    @property
    def sha256(self) -> str:
        """SHA-256 of the bytes written so far, in hexadecimal."""
        return self._hash.hexdigest()

    def begin(self) -> None:
        """Create the file, readable by this user only."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)

    def add(self, data: bytes) -> None:
        """Write the next bytes."""
        self._hash.update(data)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._handle, rest) :]

    def complete(self, candidate: str, declared: DeclaredFile) -> None:
        """Flush the file to disk, check it against its declaration and detect its media type.

        Args:
            candidate: media type by the first bytes.
            declared: size, digest and name.

        Raises:
            UploadMismatch: the size or digest differs from the declaration.
            UnsupportedMediaType: the media type is not accepted.
        """
        os.fsync(self._handle)
        if self.size != declared.size or not hmac.compare_digest(self.sha256, declared.sha256):
            raise UploadMismatch(size=self.size, sha256=self.sha256)
        with self.path.open("rb") as file:
            self.content_type = sniffing.detected_type(candidate, file, declared.name)

    def discard(self) -> None:
        """Close the file, and remove it unless the storage has moved it."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        self.path.unlink(missing_ok=True)


@asynccontextmanager
async def receive_draft(
    chunks: AsyncIterator[bytes], declared: DeclaredFile, folder: Path
) -> AsyncIterator[Draft]:
    """Receive an upload as a draft in a folder; remove the draft on exit unless it was moved.

    Raises:
        UploadTooLarge, UploadMismatch: it differs from its declaration.
        UnsupportedMediaType: its media type is not accepted.
        StorageUnavailable: the disk is full or missing.
    """
    draft = Draft(folder / f"{uuid4().hex}.part")
    try:
        try:
            await asyncio.to_thread(draft.begin)
            await _write(draft, chunks, declared)
        except OSError as failure:
            raise StorageUnavailable from failure
        yield draft
    finally:
        draft.discard()


async def _write(draft: Draft, chunks: AsyncIterator[bytes], declared: DeclaredFile) -> None:
    candidate, buffer = None, bytearray()
    async for chunk in chunks:
        draft.size += len(chunk)
        if draft.size > declared.size:
            raise UploadTooLarge
        buffer += chunk
        if candidate is None and len(buffer) >= sniffing.HEAD:
            candidate = _candidate(buffer, declared.name)
        if len(buffer) >= WRITE_SIZE:
            await asyncio.to_thread(draft.add, bytes(buffer))
            buffer.clear()
    if candidate is None and buffer:
        candidate = _candidate(buffer, declared.name)
    await asyncio.to_thread(draft.add, bytes(buffer))
    await asyncio.to_thread(draft.complete, candidate or "", declared)


def _candidate(head: bytearray, name: str) -> str:
    """Detect the media type by the first bytes, to refuse others before the upload ends."""
    return sniffing.candidate_type(bytes(head[: sniffing.HEAD]), name)
