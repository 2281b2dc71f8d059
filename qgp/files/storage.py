"""Interface of file storage: files are addressed, and deduplicated, by organization and SHA-256."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

_OWNER, _SHA256 = re.compile("[0-9a-f]{32}"), re.compile("[0-9a-f]{64}")


class StorageUnavailable(Exception):
    """The storage does not respond, refuses access or is full; nothing was stored."""


@dataclass(frozen=True)
class Address:
    """Address of a stored file: its organization and digest.

    Attributes:
        sha256: 64 lower-case hexadecimal digits.
    """

    organization_id: UUID
    sha256: str

    @property
    def name(self) -> str:
        """The name of the file in every storage."""
        return f"{self.organization_id.hex}/{self.sha256[:2]}/{self.sha256}"


def organization_ids(names: Iterable[str]) -> list[UUID]:
    """Return the organizations among folder names; other names are ignored."""
    return [UUID(hex=name) for name in names if _OWNER.fullmatch(name)]


def addresses(organization_id: UUID, names: Iterable[str]) -> list[Address]:
    """Return the addresses among the file names of an organization; other names are ignored."""
    return [Address(organization_id, name) for name in names if _SHA256.fullmatch(name)]


class Source(Protocol):
    """Readable bytes with random access."""

    async def seek(self, offset: int, /) -> int:
        """Set the position of the next read, in bytes from the start."""

    async def read(self, size: int, /) -> bytes:
        """Return up to `size` bytes; fewer at the end."""


class Storage(Protocol):
    """File storage; every method may raise StorageUnavailable."""

    @property
    def incoming(self) -> Path:
        """The folder of drafts on the local disk; it may not exist yet."""

    async def keep(self, address: Address, draft: Path) -> None:
        """Store a draft durably at an address; the draft file may be moved."""

    def open(self, address: Address, size: int) -> AbstractAsyncContextManager[Source]:
        """Open the stored file of `size` bytes for reading.

        Raises:
            FileNotFoundError: no file has the address.
        """

    async def remove(self, address: Address) -> None:
        """Remove the file, if present."""

    def list_addresses(self, organization_id: UUID) -> AsyncIterator[Sequence[Address]]:
        """Yield the addresses of an organization's files, in batches."""

    async def organizations(self) -> Sequence[UUID]:
        """Return the organizations that have stored files."""
