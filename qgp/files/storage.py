"""Where bytes are kept: addressed by organization and SHA-256, so that the same come once."""

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

_OWNER, _SHA256 = re.compile("[0-9a-f]{32}"), re.compile("[0-9a-f]{64}")


class StorageAway(Exception):
    """The place does not answer, refuses us, or has no room; nothing was kept."""


@dataclass(frozen=True)
class Address:
    """Which bytes of which organization.

    Attributes:
        sha256: 64 lower-case hex digits.
    """

    organization_id: UUID
    sha256: str

    @property
    def name(self) -> str:
        """The name under which every storage keeps them."""
        return f"{self.organization_id.hex}/{self.sha256[:2]}/{self.sha256}"


def owners(names: Iterable[str]) -> list[UUID]:
    """Return the organizations among names; whatever else stands beside them is not ours."""
    return [UUID(hex=name) for name in names if _OWNER.fullmatch(name)]


def addresses(organization_id: UUID, names: Iterable[str]) -> list[Address]:
    """Return the addresses among the names of an organization's bytes."""
    return [Address(organization_id, name) for name in names if _SHA256.fullmatch(name)]


class Source(Protocol):
    """Bytes that are read from any place on."""

    async def seek(self, place: int, /) -> int:
        """Go on reading there."""

    async def read(self, size: int, /) -> bytes:
        """Return so many bytes, fewer at the end."""


class Storage(Protocol):
    """Keeps bytes; every method may raise StorageAway."""

    @property
    def incoming(self) -> Path:
        """The folder of drafts, on disk whatever the storage; it may not be there yet."""

    async def keep(self, address: Address, draft: Path) -> None:
        """Keep the bytes of a draft for good; the draft may be gone afterwards."""

    def open(self, address: Address, size: int) -> AbstractAsyncContextManager[Source]:
        """Open so many bytes for reading.

        Raises:
            FileNotFoundError: there are none at the address.
        """

    async def remove(self, address: Address) -> None:
        """Remove the bytes, if they are there."""

    def kept(self, organization_id: UUID) -> AsyncIterator[Sequence[Address]]:
        """Tell what is kept for an organization, in portions."""

    async def organizations(self) -> Sequence[UUID]:
        """Tell for which organizations anything is kept."""
