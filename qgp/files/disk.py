"""File storage in a local folder: atomic writes that survive a power failure."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import anyio

from qgp.files.storage import Address, Source, StorageUnavailable, addresses, organization_ids

T = TypeVar("T")


@dataclass(frozen=True)
class Disk:
    """Storage in a folder, as `<organization>/<two digits>/<sha256>`, with drafts in `incoming`."""

    folder: Path

    @property
    def incoming(self) -> Path:
        """The folder of drafts, on the same file system, so that they can be renamed."""
        return self.folder / "incoming"

    async def keep(self, address: Address, draft: Path) -> None:
        """Move a draft to its address by an atomic rename."""
        await _in_thread(partial(_move_durably, draft, self._path(address)))

    @asynccontextmanager
    async def open(self, address: Address, size: int) -> AsyncIterator[Source]:  # noqa: ARG002
        """Open the file for reading."""
        try:
            file = await anyio.open_file(self._path(address), "rb")
        except FileNotFoundError:
            raise
        except OSError as failure:
            raise StorageUnavailable from failure
        async with file:
            yield file

    async def remove(self, address: Address) -> None:
        """Remove the file, if present; its folder stays."""
        await _in_thread(partial(self._path(address).unlink, missing_ok=True))

    async def list_addresses(self, organization_id: UUID) -> AsyncIterator[Sequence[Address]]:
        """Yield the addresses of the organization's files, folder by folder."""
        for folder in await _in_thread(partial(_entries, self.folder / organization_id.hex)):
            paths = await _in_thread(partial(_entries, folder))
            yield addresses(organization_id, [path.name for path in paths])

    async def organizations(self) -> Sequence[UUID]:
        """Return the organizations that have a folder."""
        paths = await _in_thread(partial(_entries, self.folder))
        return organization_ids(path.name for path in paths)

    def _path(self, address: Address) -> Path:
        return self.folder / address.name


async def _in_thread(call: Callable[[], T]) -> T:
    """Run a blocking file operation in a thread.

    Raises:
        StorageUnavailable: the disk is full, read-only or missing.
    """
    with _translated_errors():
        return await asyncio.to_thread(call)


@contextmanager
def _translated_errors() -> Iterator[None]:
    """Raise StorageUnavailable in place of OSError."""
    try:
        yield
    except OSError as failure:
        raise StorageUnavailable from failure


def _move_durably(draft: Path, path: Path) -> None:
    folders = list(path.parents)[:3]
    for folder in reversed(folders):
        folder.mkdir(mode=0o700, exist_ok=True)  # with `parents`, the mode holds for the last only
    draft.replace(path)
    for folder in folders:
        _sync(folder)  # directory entries must reach the disk too


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
