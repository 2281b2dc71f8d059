"""Bytes on their way in: to a draft on disk, in constant memory, and held against a promise."""

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
from qgp.files.storage import StorageAway

PORTION = 1024 * 1024  # bytes that wait for the disk at a time
_PRIVATE = 0o600


@dataclass(frozen=True)
class Promise:
    """What was said of a file before it came.

    Attributes:
        size: bytes, exactly.
        sha256: 64 lower-case hex digits.
        name: tells the kinds of text apart, nothing else.
    """

    size: int
    sha256: str
    name: str


class TooLong(Exception):
    """More bytes came than were promised; the rest was not read."""


class Unlike(Exception):
    """Other bytes came than were promised."""

    def __init__(self, *, size: int, sha256: str) -> None:
        super().__init__(size, sha256)
        self.size, self.sha256 = size, sha256


class Unsuited(Exception):
    """The bytes are of no type that is taken."""


@dataclass
class Draft:
    """A file that is being written, and what is known of it so far.

    Attributes:
        kind: what it is, once `taken_in` has looked at all of it.
    """

    path: Path
    size: int = 0
    kind: str = ""
    _hash: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    _handle: int = -1

    @property
    def sha256(self) -> str:
        """The digest so far."""
        return self._hash.hexdigest()

    def begin(self) -> None:
        """Make the file, readable by us alone."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)

    def add(self, portion: bytes) -> None:
        """Write the next bytes."""
        self._hash.update(portion)
        rest = memoryview(portion)
        while rest:
            rest = rest[os.write(self._handle, rest) :]

    def settle(self, begun: str, promise: Promise) -> None:
        """Let the bytes reach the disk, and look at the whole.

        Raises:
            Unlike, Unsuited: it is not what was promised, or not what is taken.
        """
        os.fsync(self._handle)
        if self.size != promise.size or not hmac.compare_digest(self.sha256, promise.sha256):
            raise Unlike(size=self.size, sha256=self.sha256)
        with self.path.open("rb") as file:
            self.kind = sniffing.settled(begun, file, promise.name) or ""
        if not self.kind:
            raise Unsuited

    def discard(self) -> None:
        """Close the file, and remove it unless it was given a place."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
        self.path.unlink(missing_ok=True)


@asynccontextmanager
async def taken_in(
    chunks: AsyncIterator[bytes], promise: Promise, folder: Path
) -> AsyncIterator[Draft]:
    """Give a draft that is what was promised; whatever is left of it is removed at the end.

    Raises:
        TooLong, Unlike, Unsuited: it is not, or no such type is taken.
        StorageAway: the disk has no room.
    """
    draft = Draft(folder / f"{uuid4().hex}.part")
    try:
        try:
            await asyncio.to_thread(draft.begin)
            await _fill(draft, chunks, promise)
        except OSError as failure:
            raise StorageAway from failure
        yield draft
    finally:
        draft.discard()


async def _fill(draft: Draft, chunks: AsyncIterator[bytes], promise: Promise) -> None:
    begun, waiting = None, bytearray()
    async for chunk in chunks:
        draft.size += len(chunk)
        if draft.size > promise.size:
            raise TooLong
        waiting += chunk
        if begun is None and len(waiting) >= sniffing.HEAD:
            begun = _begun(waiting)
        if len(waiting) >= PORTION:
            await asyncio.to_thread(draft.add, bytes(waiting))
            waiting.clear()
    if begun is None and waiting:
        begun = _begun(waiting)
    await asyncio.to_thread(draft.add, bytes(waiting))
    await asyncio.to_thread(draft.settle, begun or "", promise)


def _begun(head: bytearray) -> str:
    """Look at the first bytes, so that what is of no use is refused before it is all here."""
    if kind := sniffing.begins(bytes(head[: sniffing.HEAD])):
        return kind
    raise Unsuited
